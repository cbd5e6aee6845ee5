import { join } from "node:path";
import { check } from "./check.js";
import { runClient } from "./client.js";
import type { Field } from "./field.js";
import type { History } from "./history.js";
import { judgeRun } from "./judgeRun.js";
import { newKnowledge } from "./knowledge.js";
import { runLane, type World } from "./nemesis.js";
import { createRandom, type Random } from "./random.js";
import { describe, saveHistory, summarize } from "./report.js";
import { type Planned, planFaults } from "./schedule.js";
import { settle } from "./settle.js";
import { openStage, type Stage } from "./stage.js";
import { runStreamClient } from "./streamClient.js";
import { startWatcher } from "./watcher.js";

export interface TortureOptions {
  readonly seconds: number;
  readonly seed: string;
  /** Leaves the history and the servers' logs behind, even if nothing was violated. */
  readonly keeps: boolean;
  tell(line: string): void;
}

const SERVERS = 3;
const CLIENTS = 16;
/** So many of them use StreamTransactions. */
const STREAMING = 2;
/** The first is written to through all servers alike, each other one mostly through one of them. */
const LEDGERS = ["everybodys", "own0", "own1", "own2"];
/** From here on there is time for pauses beyond a minute, and for a full disk. */
const LONG_SECONDS = 300;

/** Tortures a Florin of its own. Answers which promises were broken, in plain words. */
export async function torture({ seconds, seed, keeps, tell }: TortureOptions): Promise<string[]> {
  const random = createRandom(seed);
  const isLong = seconds >= LONG_SECONDS;
  const stage = await openStage({ servers: SERVERS, random, wantsDisk: isLong });
  const lanes = planFaults(random.fork("faults"), {
    durationMs: seconds * 1000,
    isLong,
    servers: SERVERS,
    mayFillDisk: stage.world.disk !== null,
  });
  const history = await run(stage, { random, lanes, seconds, tell });
  tell(summarize(history));
  await stage.stopServers();
  const problems = [
    ...stage.problems,
    ...judgeRun(history, LEDGERS, seconds),
    ...(await check(history, stage.world.database.url)).map((each) => describe(each, history)),
  ];
  await stage.close();
  if (problems.length > 0 || keeps) {
    await saveHistory(history, join(stage.folder, "history.jsonl"));
    tell(`the history and the logs of the servers are in ${stage.folder}`);
  } else await stage.clear();
  return problems;
}

interface RunOptions extends Pick<TortureOptions, "seconds" | "tell"> {
  readonly random: Random;
  readonly lanes: readonly (readonly Planned[])[];
}

/** Lets clients work while faults strike; then heals all, and waits until it works again. */
async function run(stage: Stage, options: RunOptions): Promise<History> {
  const { random, lanes, seconds, tell } = options;
  const { token, problems } = stage;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const world: World = {
    ...stage.world,
    tell(line) {
      const passed = (performance.now() - startedAt) / 1000;
      tell(`${passed.toFixed(1).padStart(7)} s  ${line}`);
    },
  };
  const { servers, sink } = world;
  const field: Field = { servers, ledgers: LEDGERS.map(newKnowledge), token, operations: [] };
  const watchers = LEDGERS.map((ledger) =>
    startWatcher({ ledger, servers, token, random: random.fork(`watcher ${ledger}`) }),
  );
  const clients = Array.from({ length: CLIENTS }, (_, client) => {
    const work = client < STREAMING ? runStreamClient : runClient;
    return work(field, { client, random: random.fork(`client ${client}`), until });
  });
  await Promise.all([...clients, ...lanes.map((lane) => runLane(world, lane, startedAt))]);
  world.tell("no more faults: all is healed");
  problems.push(...(await settle({ world, field, watchers, client: CLIENTS })));
  world.tell("all works again");
  return {
    operations: field.operations,
    watched: watchers.map(({ watched }) => watched),
    deliveries: sink.deliveries,
  };
}
