import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "../src/db/database.js";
import { transactionIdsIn } from "./answer.js";
import { createTransaction, listLogs } from "./calls.js";
import { askOnce, type Field } from "./field.js";
import type { Posting } from "./history.js";
import { heal, type World } from "./nemesis.js";
import { sendRest } from "./rest.js";
import type { Server } from "./servers.js";
import type { Watcher } from "./watcher.js";

/** All that a torture has been promised once nothing is broken any more. */
export interface SettleOptions {
  readonly world: World;
  readonly field: Field;
  readonly watchers: readonly Watcher[];
  /** The number of the client that writes last. */
  readonly client: number;
}

/**
 * For all of it together. A session that was lost may hold a ledger for the minute that PostgreSQL waits for it; events
 * wait for the lease of who died, and for the sink that failed several times.
 */
const WITHIN_MS = 180_000;

/** Heals everything, and waits until all works again. Answers what does not, in plain words. */
export async function settle({ world, field, watchers, client }: SettleOptions): Promise<string[]> {
  const { servers, database } = world;
  await heal(world);
  const problems: string[] = [];
  const deadline = performance.now() + WITHIN_MS;
  /** Waits for `isDone`; otherwise `problem` is one. */
  const demand = async (problem: string, isDone: () => Promise<boolean>) => {
    while (!(await isDone().catch(() => false))) {
      if (performance.now() > deadline) return void problems.push(problem);
      await sleep(100);
    }
  };
  await Promise.all(
    servers.map((server) => {
      if (server.pid === null) void server.start();
      return demand(`server ${server.index} does not come back`, () => isHealthy(server));
    }),
  );
  for (const server of servers) {
    for (const { ledger } of field.ledgers) {
      await demand(`server ${server.index} does not write to ledger ${ledger}`, () =>
        writeLast(field, server, ledger, client),
      );
    }
  }
  const [server] = servers;
  for (const { watched, finish } of watchers) {
    const last = server && (await lastLogOf(field, server, watched.ledger));
    if (last === undefined || !(await finish(last, deadline))) {
      problems.push(`a watcher of ${watched.ledger} has not been told of log ${last}`);
    }
  }
  const db = openDatabase({ url: database.url, poolSize: 1 });
  await demand("events wait in the outbox", async () => {
    const { rows } = await db.raw("select from outbox limit 1");
    return rows.length === 0;
  });
  await db.destroy();
  return problems;
}

async function isHealthy({ port }: Server): Promise<boolean> {
  const signal = AbortSignal.timeout(5_000);
  return (await fetch(`http://127.0.0.1:${port}/_healthcheck`, { signal })).ok;
}

const POSTING: Posting = {
  source: "world",
  destination: "users:0",
  asset: "COIN",
  amount: 1n,
};

/** Who holds the ledger's lock afterwards comes after all whose fate was open. */
async function writeLast(
  field: Field,
  server: Server,
  ledger: string,
  client: number,
): Promise<boolean> {
  const marker = `last-${ledger}-${server.index}`;
  const idempotencyKey = `key-${marker}`;
  const transaction = { marker, postings: [POSTING] };
  const { outcome } = await askOnce(field, {
    ...{ client, server, ledger, idempotencyKey, send: sendRest, timeoutMs: 20_000 },
    call: createTransaction(ledger, transaction, false),
    what: (answer) => ({
      ...{ kind: "write", marker, idempotencyKey, dryRun: false },
      effects: [{ type: "transaction", ...transaction }],
      ...(answer.outcome === "ok" && {
        answer: { transactionIds: transactionIdsIn(answer), hit: answer.hit },
      }),
    }),
  });
  return outcome === "ok";
}

async function lastLogOf(
  { token }: Field,
  { port }: Server,
  ledger: string,
): Promise<string | undefined> {
  const options = { port, token, idempotencyKey: undefined, timeoutMs: 20_000 };
  const { body } = await sendRest(listLogs(ledger, 1), options);
  return String((body as { cursor: { data: { id: number }[] } }).cursor.data[0]?.id);
}
