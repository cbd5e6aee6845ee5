// How fast Florin is, against what PostgreSQL alone can do on this machine in the same run: quote the ratios, not the
// rates. docs/performance.md says what is measured, and which variables change it.
import { writeFile } from "node:fs/promises";
import { pino } from "pino";
import { startEmbedded } from "../src/db/embedded/startEmbedded.js";
import { readEnvironment } from "./environment.js";
import { type Figures, medians } from "./figures.js";
import { GROWTH, growth, NOT_GROWN } from "./growth.js";
import { cpuSeconds, cpuSecondsOfFamily, cpuSecondsOfMachine, memoryMb } from "./processes.js";
import { judge, print } from "./report.js";
import { SCENARIOS, type Scenario } from "./scenarios.js";
import { startServer } from "./server.js";
import { startLoader } from "./startLoader.js";
import { verification } from "./verification.js";

const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5);
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 3);
const ONLY = process.env["BENCH_ONLY"]?.split(",") ?? [...Object.keys(SCENARIOS), GROWTH];

const server = await startServer();
const { port, token, dataDir } = server;
const database = await startEmbedded({ dataDir, logger: pino({ level: "silent" }) });
const { postgres, ...environment } = await readEnvironment(database.url);
const target = { port, token, url: database.url };
const loader = startLoader();
const chosen = ONLY.filter((letter) => letter !== GROWTH).map((letter) => {
  const scenario = SCENARIOS[letter];
  if (scenario === undefined) throw new Error(`there is no scenario ${letter}`);
  return [letter, scenario] as const;
});

const rounds: Record<string, Figures[]> = {};
// The first round warms up. Each goes through all of them, so that a machine whose pace changes is fair to all.
for (let round = 0; round <= ROUNDS; round++) {
  for (const [letter, scenario] of chosen) {
    const figures = await measure(scenario);
    if (round === 0) rounds[letter] = [];
    else rounds[letter]?.push(figures);
  }
}
const { grown, reads } = ONLY.includes(GROWTH) ? await growth(loader, target, SECONDS) : NOT_GROWN;
const verifying = await verification({ url: database.url, dataDir, token });
loader.stop();
await database.stop();
await server.stop();

const verdicts = judge(rounds, grown);
print(rounds, verdicts);
console.log(`${verifying.toFixed(2).padStart(8)}  µs, verification of a known token`);
const scenarios = Object.fromEntries(
  chosen.map(([letter, { name }]) => {
    const repetitions = rounds[letter] ?? [];
    return [letter, { name, median: medians(repetitions), repetitions }];
  }),
);
const results = { ...environment, seconds: SECONDS, scenarios, grown, reads, verifying, verdicts };
await writeFile("bench/results.json", `${JSON.stringify(results, null, 2)}\n`);

async function measure({ name, job }: Scenario): Promise<Figures> {
  const before = cpuTimes();
  const outcome = await loader.run({ job, target, seconds: SECONDS });
  if (outcome.failed > 0) throw new Error(`${name}: ${outcome.failed} failed`);
  const after = cpuTimes();
  const spent = (on: keyof typeof after) => after[on] - before[on];
  const micros = (seconds: number) => (seconds * 1e6) / outcome.count;
  const ours = spent("server") + spent("database") + spent("load");
  return {
    ...outcome,
    serverCpu: micros(spent("server")),
    databaseCpu: micros(spent("database")),
    loadCpu: micros(spent("load")),
    memoryMb: memoryMb(server.pid),
    othersCpu: Math.max(0, (spent("busy") - ours) / spent("all")),
  };
}

function cpuTimes() {
  return {
    server: cpuSeconds(server.pid),
    database: cpuSecondsOfFamily(postgres),
    load: cpuSeconds(loader.pid) + cpuSeconds(process.pid),
    ...cpuSecondsOfMachine(),
  };
}
