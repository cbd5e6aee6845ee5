// What Florin does when three times as much is asked of it as it can do: quote the ratios. Each kind of call is first
// made as fast as answers come, by more and more callers, until that brings no more; then it is made at three times that
// rate, whatever is answered. docs/performance.md tells what is printed.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { prepareCalls } from "./calls.js";
import type { Job, OpenJob } from "./job.js";
import { memoryMb } from "./processes.js";
import { startServer } from "./server.js";
import { startLoader } from "./startLoader.js";

const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5);
const ONLY = process.env["BENCH_ONLY"]?.split(";");

/** How much more is asked than can be done. */
const EXCESS = 3;

/** Of the peak, what must still be done. */
const FLOOR = 0.9;

interface Scenario {
  /** The load with `callers` at a time, none of whom calls again before they are answered. */
  readonly closed: (callers: number) => Job;
  readonly callers: readonly number[];
  readonly open: (rate: number) => OpenJob;
  /** Transactions in a call. */
  readonly weight: number;
}

function rest(calls: "single" | "batch" | "mixed", callers: readonly number[]): Scenario {
  const ledgers = [`overload-${calls}`];
  return {
    closed: (connections) => ({ kind: "rest", calls, ledgers, connections }),
    callers,
    open: (rate) => ({ kind: "open rest", calls, ledgers, rate }),
    weight: prepareCalls(calls, ledgers, "").weight,
  };
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "REST, one by one": rest("single", [64, 256]),
  "REST, batches of 100": rest("batch", [16, 64]),
  "REST, four reads to a write": rest("mixed", [64, 256]),
  "gRPC, one by one": {
    closed: (inFlight) => ({ kind: "unary", ledger: "overload-grpc", inFlight, by: "frames" }),
    callers: [64, 256],
    open: (rate) => ({ kind: "open unary", ledger: "overload-grpc", rate }),
    weight: 1,
  },
};

const last = availableParallelism() - 1;
/** The load is not to take from the server what the server is measured by: it has a core to itself, where that can be. */
const areApart = last > 0 && spawnSync("taskset", ["-V"]).status === 0;
const server = await startServer({ cores: areApart ? `0-${last - 1}` : undefined });
const target = { port: server.port, token: server.token, url: "" };
const loader = startLoader(areApart ? last : undefined);
console.log(
  areApart
    ? `The load has core ${last}, Florin and PostgreSQL have the others.`
    : "The load, Florin and PostgreSQL share all cores.",
);
const rows: Record<string, object> = {};
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (ONLY === undefined || ONLY.some((word) => name.includes(word)))
    rows[name] = await measure(scenario);
}
loader.stop();
await server.stop();
console.table(rows);

async function measure({ closed, callers, open, weight }: Scenario) {
  let peak = 0;
  // The first run warms up.
  for (const many of [callers[0] ?? 1, ...callers]) {
    const job = closed(many);
    const { perSecond, count, failed } = await loader.run({ job, target, seconds: SECONDS });
    const calls = count / weight;
    // Many callers at once may be refused, too.
    peak = Math.max(peak, (perSecond / weight) * (1 - failed / calls));
  }
  const job = open(EXCESS * peak);
  const it = await loader.runOpen({ job, target, seconds: 2 * SECONDS });
  const ratio = it.accepted / peak;
  return {
    "peak/s": Math.round(peak),
    "offered/s": Math.round(it.offered),
    "accepted/s": Math.round(it.accepted),
    [`of the peak (floor ${FLOOR})`]: `${ratio.toFixed(2)}${ratio < FLOOR ? " NOT MET" : ""}`,
    "p50 ms": Math.round(it.p50),
    "p99 ms": Math.round(it.p99),
    "max ms": Math.round(it.max),
    refused: `${Math.round(it.refusedShare * 100)} %`,
    "without Retry-After": it.rude,
    lost: it.lost,
    connections: it.connections,
    "recovered after ms": Math.round(it.recoveredMs),
    "memory MB": Math.round(memoryMb(server.pid)),
  };
}
