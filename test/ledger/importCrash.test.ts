import { expect, onTestFinished, test, vi } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { databaseUrl } from "../../src/db/embedded/seat.js";
import type { NewTransactionEntry } from "../../src/ledger/domain/log.js";
import { append, EMPTY_HEAD, newState } from "../../src/ledger/domain/state.js";
import { logIn } from "../auth/startAuth.js";
import { fromProtoFile, grpcJsClient } from "../clients/grpcJsClient.js";
import {
  CREDENTIALS,
  findPostgres,
  newDataDir,
  startWithClient as start,
} from "../support/process.js";
import { expectSound, NOW, posting } from "./support.js";

vi.setConfig({ testTimeout: 120_000 });

const SECOND = { seconds: String(NOW / 1_000_000n), nanos: 0 };

/** A history of so many payments, as messages. */
function history(length: number): object[] {
  const state = newState(EMPTY_HEAD);
  const postings = [posting("world > a 1 USD/2")];
  for (let txid = 0n; txid < length; txid++) {
    const transaction = { txid, postings, reference: null, metadata: {}, timestamp: NOW };
    const entry: NewTransactionEntry = {
      type: "NEW_TRANSACTION",
      date: NOW,
      transaction: { ...transaction, volumes: [] },
    };
    append(state, [entry], null);
  }
  return state.logs.map(({ id, hash }) => ({
    ledger: "copy",
    log: {
      id: String(id),
      type: "LOG_TYPE_NEW_TRANSACTION",
      data: {
        newTransaction: {
          postings: [{ source: "world", destination: "a", asset: "USD/2", amount: "1" }],
          metadata: { fields: {} },
          timestamp: SECOND,
          txid: String(id),
        },
      },
      hash,
      date: SECOND,
    },
  }));
}

async function connect(url: string) {
  const token = await logIn(`${url}/api/auth`, CREDENTIALS);
  const file = fromProtoFile("florin/ledger/v1/ledger.proto");
  return grpcJsClient(file, "florin.ledger.v1.LedgerService", { url, token });
}

async function openDirectly(dataDir: string) {
  const running = await findPostgres(dataDir);
  const db = openDatabase({ url: databaseUrl(running?.socketFolder ?? "", "florin"), poolSize: 2 });
  onTestFinished(() => db.destroy());
  return db;
}

test("kill -9 in the middle of an import leaves nothing of it", async () => {
  const messages = history(2500);
  const dataDir = await newDataDir();
  const first = await start(dataDir);
  const broken = (await connect(first.url)).send<object, object>("ImportLogs");
  const refused = broken.answer.catch((error) => error.code);
  for (const message of messages) broken.stream.write(message);

  const db = await openDirectly(dataDir);
  const isHalfSaved = async () => {
    const { rows } = await db.raw(
      "/* test */ select from pg_stat_activity where state = 'idle in transaction' and query like '%save_head%'",
    );
    return rows.length;
  };
  await expect.poll(isHalfSaved, { timeout: 30_000, interval: 20 }).toBe(1);
  await first.end("SIGKILL");
  expect(await refused).not.toBeUndefined();

  const second = await start(dataDir);
  const { call, send } = await connect(second.url);
  expect(await call("ListLedgers", {})).toMatchObject({ ledgers: [] });
  const whole = send<object, { logs: string }>("ImportLogs");
  for (const message of messages) whole.stream.write(message);
  whole.stream.end();
  expect(await whole.answer).toMatchObject({ logs: "2500", transactions: "2500" });
  await expectSound(await openDirectly(dataDir));
});
