// What a request costs, measured against floors of this very machine in the same run: quote the ratios, not the rates.
import { pino } from "pino";
import { startEmbedded } from "../src/db/embedded/startEmbedded.js";
import { commits } from "./commits.js";
import { load, type Outcome } from "./load.js";
import { loadGrpc } from "./loadGrpc.js";
import { cpuSeconds, startProgram } from "./processes.js";
import { startServer } from "./server.js";
import { verification } from "./verification.js";

const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5);
const BUSY = 64;

const server = await startServer();
const { port, token, http, dataDir } = server;
const bare = await startProgram("bench/bareHttp.ts", /(\d+)/);

const posting = { source: "world", destination: "bench:hot", asset: "EUR/2", amount: "100" };
const body = JSON.stringify({ postings: [{ ...posting, amount: 100 }] });
const create = http("POST", "/api/ledger/bench/transactions", body);
const spread = (n: number) =>
  http("POST", "/api/ledger/bench/transactions", body.replace("hot", `cold:${n % 10_000}`));
const plain = "send [EUR/2 100] (source = @world destination = @bench:hot)";
const scripted = http(
  "POST",
  "/api/ledger/bench/transactions",
  JSON.stringify({ script: { plain } }),
);
const read = http("GET", "/api/ledger/bench/accounts/bench:hot");
const rest = (request: string | ((n: number) => string), connections: number, to = port) =>
  load({
    port: to,
    request: typeof request === "string" ? () => request : request,
    connections,
    seconds: SECONDS,
  });
const grpc = (concurrency: number) =>
  loadGrpc({
    port,
    token,
    request: { ledger: "bench", transaction: { postings: [posting] } },
    concurrency,
    seconds: SECONDS,
  });

await rest(create, BUSY); // Warms up.
const database = await startEmbedded({ dataDir, logger: pino({ level: "silent" }) });
const results = {
  "bare HTTP server, 64 at a time": await rest(create, BUSY, Number(bare.found)),
  "PostgreSQL, 1 commit at a time": await commits(database.url, 1, SECONDS),
  "PostgreSQL, 64 commits at a time": await commits(database.url, BUSY, SECONDS),
  "REST create, 1 at a time": await measured(() => rest(create, 1)),
  "REST create, 64 at a time": await measured(() => rest(create, BUSY)),
  "REST create, 64 at a time, 10,000 accounts": await measured(() => rest(spread, BUSY)),
  "REST create by a script, 64 at a time": await measured(() => rest(scripted, BUSY)),
  "gRPC create, 1 at a time": await measured(() => grpc(1)),
  "gRPC create, 64 at a time": await measured(() => grpc(BUSY)),
  "REST read of an account, 64 at a time": await measured(() => rest(read, BUSY)),
};
const verifying = await verification({ url: database.url, dataDir, token });
await database.stop();
await bare.stop();
await server.stop();
report();

/** With the CPU time that the server's process spent on each request, in microseconds. */
async function measured(run: () => Promise<Outcome>): Promise<Outcome & { cpu: number }> {
  const before = cpuSeconds(server.pid);
  const startedAt = performance.now();
  const outcome = await run();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = ((cpuSeconds(server.pid) - before) * 1e6) / (outcome.perSecond * seconds);
  return { ...outcome, cpu };
}

function report(): void {
  console.table(
    Object.fromEntries(
      Object.entries<Outcome & { cpu?: number }>(results).map(([name, it]) => [
        name,
        {
          "per second": Math.round(it.perSecond),
          "p50 ms": Number(it.p50.toFixed(2)),
          "p95 ms": Number(it.p95.toFixed(2)),
          "p99 ms": Number(it.p99.toFixed(2)),
          "server CPU µs each": it.cpu === undefined ? "" : Math.round(it.cpu),
          failed: it.failed,
        },
      ]),
    ),
  );
  const rate = (name: keyof typeof results) => results[name].perSecond;
  const ratio = (one: keyof typeof results, other: keyof typeof results) =>
    console.log(`${(rate(one) / rate(other)).toFixed(2).padStart(6)}  ${one}  /  ${other}`);
  ratio("REST create, 64 at a time", "bare HTTP server, 64 at a time");
  ratio("REST create, 64 at a time", "PostgreSQL, 64 commits at a time");
  ratio("REST create, 1 at a time", "PostgreSQL, 1 commit at a time");
  ratio("REST create, 64 at a time", "REST create, 1 at a time");
  ratio("REST create, 64 at a time", "REST create, 64 at a time, 10,000 accounts");
  ratio("REST create by a script, 64 at a time", "REST create, 64 at a time");
  ratio("gRPC create, 64 at a time", "REST create, 64 at a time");
  ratio("REST read of an account, 64 at a time", "bare HTTP server, 64 at a time");
  console.log(`${verifying.toFixed(2).padStart(6)}  µs, verification of a known token`);
}
