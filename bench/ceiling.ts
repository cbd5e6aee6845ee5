import { type Connection, openDatabase, withConnection } from "../src/db/database.js";
import type { Request } from "../src/ledger/domain/command.js";
import { begin, createHead, lockHead } from "../src/ledger/store/head.js";
import { saveBatch } from "../src/ledger/store/saveBatch.js";
import { type Cache, remember, startCache } from "../src/ledger/write/cache.js";
import { executeAll } from "../src/ledger/write/executeAll.js";
import { load } from "../src/ledger/write/load.js";
import { toBatch } from "../src/ledger/write/toBatch.js";
import { systemClock } from "../src/lib/time.js";
import { ACCOUNTS, BATCH, cold } from "./calls.js";
import { inTransactions, type Outcome, summarize } from "./load.js";

/** How many commits are prepared, then sent at once. */
const COMMITS = 50;

/**
 * What PostgreSQL can do at most: the rows that a server would write for transactions over many accounts, by the same
 * statement, 100 transactions to a commit, on one connection that waits for nothing. All else is done while the clock
 * stands.
 */
export async function ceiling(url: string, seconds: number): Promise<Outcome> {
  const db = openDatabase({ url, poolSize: 1 });
  const latencies: number[] = [];
  let tookMs = 0;
  await withConnection(db, async (connection) => {
    let cache = await openLedger(connection, "bench-ceiling");
    for (let first = 0; tookMs < seconds * 1000; first += COMMITS * BATCH) {
      const statements: unknown[] = [];
      for (let commit = 0; commit < COMMITS; commit++) {
        cache = await decideBatch(connection, cache, first + commit * BATCH, statements);
      }
      const startedAt = performance.now();
      await Promise.all(
        statements.flatMap((statement) => [
          begin(connection),
          connection.query(statement as string),
          connection.query("commit"),
        ]),
      );
      const ms = performance.now() - startedAt;
      tookMs += ms;
      for (const _ of statements) latencies.push(ms / COMMITS);
    }
  });
  await db.destroy();
  return inTransactions(summarize(latencies, tookMs / 1000, 0), BATCH);
}

async function openLedger(connection: Connection, name: string): Promise<Cache> {
  await begin(connection);
  const head = (await lockHead(connection, name)) ?? (await createHead(connection, name));
  // Room for all accounts: one that is forgotten would be looked up before it is written.
  const cache = await startCache(connection, head, 10 * ACCOUNTS);
  await connection.query("commit");
  return cache;
}

/** Adds to `statements` the one that saves 100 transactions; answers what is known of the ledger after it. */
async function decideBatch(
  connection: Connection,
  cache: Cache,
  first: number,
  statements: unknown[],
): Promise<Cache> {
  const requests = Array.from({ length: BATCH }, (_, index) => payment(cold(first + index)));
  const state = await load(connection, cache, requests);
  const terms = { now: systemClock(), allowPastTimestamps: false };
  const outcomes = await executeAll(connection, cache, state, requests, terms);
  if (outcomes.some(({ ok }) => !ok)) throw new Error("a transaction of the ceiling was refused");
  const batch = toBatch(cache, state);
  const recorder = { query: async (statement: unknown) => statements.push(statement) };
  // All that saving a batch asks of a connection is to take one statement.
  await saveBatch(recorder as unknown as Connection, batch);
  return remember(cache, state, batch);
}

const payment = (destination: string): Request => ({
  command: {
    kind: "create-transactions",
    transactions: [
      {
        postings: [{ source: "world", destination, asset: "EUR/2", amount: 100n }],
        reference: null,
        metadata: {},
        timestamp: null,
      },
    ],
  },
  isPreview: false,
  idempotency: null,
  actor: "bench",
});
