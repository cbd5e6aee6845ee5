import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import type { Instant } from "../src/lib/failpoint.js";
import { judge } from "../torture/check/judge.js";
import { readState } from "../torture/check/readState.js";
import { databaseProxy } from "./ledger/databaseProxy.js";
import { startTestApp } from "./support/app.js";
import { freeLeases } from "./support/freeLeases.js";
import { listenForInstants } from "./support/instants.js";
import { newDataDir, startProcess } from "./support/process.js";
import { startReceiver } from "./support/receiver.js";
import { batchOf, createRecorder, historyOf, type Order, payment } from "./torture/recorder.js";

vi.setConfig({ testTimeout: 180_000 });

/** Two servers on one database: one that is struck at its instants, behind a proxy, and one that is spared. */
async function twoServers() {
  const receiver = await startReceiver();
  const env = {
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    AUTH_ENABLED: "false",
    EVENTS_HTTP_URL: receiver.url,
    EVENTS_HTTP_SECRET: "a secret that signs events",
  };
  const spared = await startTestApp(env);
  const proxy = await databaseProxy(spared.databaseUrl);
  proxy.hurry();
  const instants = await listenForInstants();
  const struck = await startProcess({
    command: instants.command,
    env: {
      ...{ ...env, ...instants.env, PORT: "0" },
      DATABASE_URL: proxy.url,
      DATA_DIR: await newDataDir(),
    },
  });
  return { receiver, spared, proxy, instants, struck, recorder: createRecorder() };
}

type Servers = Awaited<ReturnType<typeof twoServers>>;

const keyed = (order: Order): Order => ({ ...order, key: order.marker });

/** Of each kind one; those that may be refused are so for a reason that the others give or take. */
function orderOf(name: string, round: number): Order {
  if (round % 5 === 0) return keyed(payment(name, { to: "a", amount: 5 }));
  if (round % 5 === 1) return keyed(payment(name, { from: "a", to: "b", amount: 12 }));
  if (round % 5 === 2) {
    const reverted = String(round % 7);
    const path = `transactions/${reverted}/revert`;
    const effects = [{ type: "revert", transactionId: reverted }] as const;
    return keyed({ effects, path, body: null, marker: name });
  }
  if (round % 5 === 3) {
    return keyed(
      batchOf(
        name,
        ["b", "c"].map((to) => payment(`${name}-${to}`, { to, amount: 3 })),
      ),
    );
  }
  const effect = { type: "setMetadata", target: "a", key: "last", value: name } as const;
  const path = "accounts/a/metadata";
  return keyed({ effects: [effect], path, body: { last: name }, marker: name });
}

const CLIENTS = 5;
const ROUNDS = 10;

/** Clients that write until all is written or they get no answer; answers what was left open. */
async function writeOften({ recorder, struck }: Servers, ledger: string): Promise<Order[]> {
  const open: Order[] = [];
  const writeAlone = async (client: number) => {
    for (let round = 0; round < ROUNDS; round++) {
      const order = orderOf(`${ledger}-${client}-${round}`, client + round);
      if (await recorder.write(struck.url, ledger, order)) continue;
      open.push(order);
      return;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => writeAlone(client)));
  return open;
}

/** What is done to the server that is struck, at an instant of a ledger; the ledger is named after it. */
const STRIKES: Readonly<Record<string, (servers: Servers, ledger: string) => Promise<void>>> = {
  async cut({ proxy }) {
    proxy.cut();
    proxy.recover();
  },
  async terminated({ spared }) {
    await spared.db.raw(
      `/* test */ select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
    );
  },
  /** Its commit happens, and it is not told. */
  async unanswered({ proxy }) {
    proxy.strike("answer lost");
  },
  /** For so long that its locks and leases are others' when it goes on. */
  async paused({ spared, struck, recorder }, ledger) {
    struck.signal("SIGSTOP");
    await freeLeases(spared.db);
    for (let round = 0; round < 3; round++) {
      expect(
        await recorder.write(spared.url, ledger, orderOf(`${ledger}-spared-${round}`, round)),
      ).toBe(true);
    }
    struck.signal("SIGCONT");
  },
  async killed({ struck }) {
    await struck.end("SIGKILL");
  },
};

const INSTANTS: readonly Instant[] = ["loaded", "decided", "saved", "committed", "sent"];

test.each(INSTANTS)(
  "a server that is struck when work is %s writes and tells all of it once, or nothing",
  async (instant) => {
    const servers = await twoServers();
    const { receiver, spared, struck, instants, recorder } = servers;
    for (const [ledger, strike] of Object.entries(STRIKES)) {
      const struckOnce = instants.at(instant, ledger, 1, () => strike(servers, ledger));
      const open = await writeOften(servers, ledger);
      await struckOnce;
      const { url } = ledger === "killed" ? spared : struck;
      for (const order of open) {
        await expect.poll(() => recorder.write(url, ledger, order), { timeout: 30_000 }).toBe(true);
      }
      // In turn, so that each has to notice what the other wrote.
      for (const [round, server] of [spared.url, url, spared.url, url].entries()) {
        expect(
          await recorder.write(server, ledger, orderOf(`${ledger}-turn-${round}`, round)),
        ).toBe(true);
        await recorder.readAccount(url, ledger, "a");
      }
      await freeLeases(spared.db);
    }
    const untold = () =>
      spared.db.raw("/* test */ select from outbox").then(({ rows }) => rows.length);
    await expect.poll(untold, { timeout: 30_000 }).toBe(0);
    const stored = await readState(spared.databaseUrl);
    expect(stored.map(({ name }) => name)).toEqual(Object.keys(STRIKES).toSorted());
    expect(judge(historyOf(recorder, receiver), stored)).toEqual([]);
    const acknowledged = recorder.operations.filter(({ outcome }) => outcome === "ok");
    expect(acknowledged.length).toBeGreaterThan(100);
    const reasons = recorder.operations.map(({ what }) => what.kind === "write" && what.refusal);
    for (const reason of ["insufficient funds", "already reverted"]) {
      expect(reasons).toContain(reason);
    }
  },
);
