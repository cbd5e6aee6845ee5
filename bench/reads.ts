// How long the common reads take in a large ledger: 1,000,000 transactions over 100,000 accounts, unless told otherwise.
// Prints a table of latencies and, after it, the plans that PostgreSQL makes for the same reads.
import { pino } from "pino";
import { openDatabase } from "../src/db/database.js";
import { startEmbedded } from "../src/db/embedded/startEmbedded.js";
import { load } from "./load.js";
import { explainReads } from "./plans.js";
import { startServer } from "./server.js";

const TRANSACTIONS = Number(process.env["BENCH_TRANSACTIONS"] ?? 1_000_000);
const ACCOUNTS = Number(process.env["BENCH_ACCOUNTS"] ?? 100_000);
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5);
const LEDGER = "/api/ledger/bench";

const server = await startServer();
const { http, port } = server;
/** One reader alone, then four at once. */
async function read(path: (n: number) => string) {
  const request = (n: number) => http("GET", LEDGER + path(n));
  const alone = await load({ port, connections: 1, seconds: SECONDS, request });
  return { alone, four: await load({ port, connections: 4, seconds: SECONDS, request }) };
}
/** Spreads over `most` numbers without a pattern. */
const scatter = (n: number, most: number) => (n * 2_654_435_761) % most;
const account = (n: number) => `users:${String(scatter(n, ACCOUNTS)).padStart(6, "0")}:wallet`;

await fill();
const results = {
  "transactions of one account": await read((n) => `/transactions?account=${account(n)}`),
  "transactions of world": await read(() => "/transactions?account=world"),
  "transactions by prefix": await read((n) => `/transactions?account=${account(n).slice(0, 11)}.*`),
  "accounts by prefix": await read((n) => `/accounts?address=${account(n).slice(0, 10)}.*`),
  "newest transactions": await read(() => "/transactions"),
  "one transaction": await read((n) => `/transactions/${scatter(n, TRANSACTIONS)}`),
  "page of balances": await read((n) => `/balances?after=${account(n)}`),
  "by reference": await read((n) => `/transactions?reference=order-${scatter(n, TRANSACTIONS)}`),
  "logs, deep below": await read((n) => `/logs?after=${scatter(n, TRANSACTIONS)}`),
};
console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { alone, four }]) => [
      name,
      {
        "p50 ms": Number(alone.p50.toFixed(2)),
        "p95 ms": Number(alone.p95.toFixed(2)),
        "p50 ms of 4 at once": Number(four.p50.toFixed(2)),
        "p95 ms of 4 at once": Number(four.p95.toFixed(2)),
        "per second": Math.round(four.perSecond),
        failed: alone.failed + four.failed,
      },
    ]),
  ),
);
const database = await startEmbedded({
  dataDir: server.dataDir,
  logger: pino({ level: "silent" }),
});
const db = openDatabase({ url: database.url, poolSize: 4 });
console.log(await explainReads(db, "bench", account(1)));
await db.destroy();
await database.stop();
await server.stop();

/** Each transaction pays one of the accounts, all in turn; some pay one another. */
async function fill(): Promise<void> {
  const startedAt = performance.now();
  const size = 1000;
  for (let first = 0; first < TRANSACTIONS; first += size) {
    const transactions = Array.from({ length: size }, (_, index) => newTransaction(first + index));
    const answer = await fetch(`http://127.0.0.1:${port}${LEDGER}/transactions/batch`, {
      method: "POST",
      headers: { Authorization: `Bearer ${server.token}` },
      body: JSON.stringify({ transactions }),
    });
    if (answer.status !== 200) throw new Error(await answer.text());
    await answer.arrayBuffer();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${TRANSACTIONS} transactions written in ${seconds.toFixed(0)} s`);
}

function newTransaction(n: number) {
  const source = n < ACCOUNTS || n % 2 === 0 ? "world" : account(n - 1);
  const posting = {
    source,
    destination: account(n),
    asset: "USD/2",
    amount: source === "world" ? 100 : 1,
  };
  return { postings: [posting], reference: `order-${n}` };
}
