import { expect, test, vi } from "vitest";
import { openDatabase } from "../src/db/database.js";
import { databaseUrl } from "../src/db/embedded/seat.js";
import { atMost } from "../src/lib/atMost.js";
import { logIn } from "./auth/startAuth.js";
import { expectSound } from "./ledger/support.js";
import {
  aimAtPostgres,
  CREDENTIALS,
  findPostgres,
  newDataDir,
  startWithClient as start,
} from "./support/process.js";

vi.setConfig({ testTimeout: 120_000 });

/** Commits a transaction that carries its idempotency key; answers its number, or null if it was not acknowledged. */
async function commit(url: string, token: string, key: string): Promise<number | null> {
  const posting = { source: "world", destination: "users:1", asset: "COIN", amount: 1 };
  const response = await fetch(`${url}/api/ledger/main/transactions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "idempotency-key": key },
    body: JSON.stringify({ postings: [posting], metadata: { key } }),
  });
  const { data } = (await response.json()) as { data?: [{ txid: number }] };
  return data?.[0].txid ?? null;
}

/** The same, again as long as the server refuses because it has too much to do. */
const insist = (url: string, token: string, key: string): Promise<number> =>
  vi.waitFor(async () => {
    const txid = await commit(url, token, key);
    if (txid === null) throw new Error(`${key} is not acknowledged`);
    return txid;
  }, 30_000);

const WRITERS = 20;
/** Acknowledged writes after which the kill is prepared, comes, and is over, for who survived. */
const [AIM, KILL, END] = [100, 300, 600];

/**
 * Writes from many sides. A writer stops when it gets no answer, all of them after `END`. Answers each key with the
 * number that was acknowledged.
 */
async function write(url: string, token: string, aim: () => Promise<() => void>) {
  const written = new Map<string, number | null>();
  let acknowledged = 0;
  let kill = () => {};
  const writeAlone = async (writer: number) => {
    for (let round = 0; acknowledged < END; round++) {
      const key = `${writer}-${round}`;
      written.set(key, null);
      const txid = await commit(url, token, key).catch(() => null);
      written.set(key, txid);
      if (txid === null) return;
      acknowledged += 1;
      if (acknowledged === AIM) kill = await aim();
      if (acknowledged === KILL) kill();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeAlone(writer)));
  return written;
}

/** The keys of all transactions, in the order of their numbers, which must be 0, 1, 2, … */
async function readKeys(url: string, token: string): Promise<string[]> {
  const keys: string[] = [];
  for (let query: string | null = "pageSize=1000"; query !== null; ) {
    const response = await fetch(`${url}/api/ledger/main/transactions?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const { cursor } = (await response.json()) as {
      cursor: { next?: string; data: { txid: number; metadata: { key: string } }[] };
    };
    for (const { txid, metadata } of cursor.data) keys[txid] = metadata.key;
    query = cursor.next === undefined ? null : `cursor=${cursor.next}`;
  }
  return Array.from(keys);
}

test.each([
  { killed: "Florin", florin: true, postgres: false },
  { killed: "PostgreSQL", florin: false, postgres: true },
  { killed: "both", florin: true, postgres: true },
])(
  "kill -9 of $killed loses no acknowledged write and invents none",
  async ({ florin, postgres }) => {
    const dataDir = await newDataDir();
    const first = await start(dataDir);
    const token = await logIn(`${first.url}/api/auth`, CREDENTIALS);
    const written = await write(first.url, token, async () => {
      const killPostgres = postgres ? await aimAtPostgres(dataDir) : () => {};
      return () => {
        killPostgres();
        if (florin) void first.end("SIGKILL");
      };
    });
    const { url } = florin ? await start(dataDir) : first;

    const found = await vi.waitFor(() => readKeys(url, token), { timeout: 20_000, interval: 100 });
    const acknowledged = [...written].filter(([, txid]) => txid !== null);
    expect(acknowledged.length).toBeGreaterThanOrEqual(KILL);
    for (const [key, txid] of acknowledged) expect(found[txid ?? -1], key).toBe(key);

    const inTurn = atMost(WRITERS);
    const again = await Promise.all(
      [...written.keys()].map((key) => inTurn(() => insist(url, token, key))),
    );
    expect(again).toEqual([...written.values()].map((txid) => txid ?? expect.any(Number)));
    const all = await readKeys(url, token);
    expect(all.slice(0, found.length)).toEqual(found);
    expect(all.toSorted()).toEqual([...written.keys()].toSorted());

    const running = await findPostgres(dataDir);
    const db = openDatabase({
      url: databaseUrl(running?.socketFolder ?? "", "florin"),
      poolSize: 2,
    });
    await expectSound(db).finally(() => db.destroy());
  },
);
