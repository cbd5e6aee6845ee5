import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "./check.js";
import { runClient } from "./client.js";
import { startDatabase } from "./database.js";
import { mountDisk } from "./disk.js";
import type { Field } from "./field.js";
import { closeClients } from "./grpc.js";
import { setGuard } from "./guard.js";
import type { History } from "./history.js";
import { judgeRun } from "./judgeRun.js";
import { newKnowledge } from "./knowledge.js";
import { runLane, type World } from "./nemesis.js";
import { createRandom } from "./random.js";
import { describe, saveHistory, summarize } from "./report.js";
import { planFaults } from "./schedule.js";
import { createServer, type Server } from "./servers.js";
import { settle } from "./settle.js";
import { startSink } from "./sink.js";
import { runStreamClient } from "./streamClient.js";
import { startWatcher } from "./watcher.js";
import { startWire } from "./wire.js";

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
export async function torture(options: TortureOptions): Promise<string[]> {
  const { seconds, seed, keeps, tell } = options;
  const random = createRandom(seed);
  const isLong = seconds >= LONG_SECONDS;
  const folder = await mkdtemp(join(tmpdir(), "florin-torture-"));
  await chmod(folder, 0o711);
  const guard = setGuard(folder);
  const dataDir = join(folder, "database");
  await mkdir(dataDir, { mode: 0o711 });
  const disk = isLong ? await mountDisk(dataDir) : null;
  const database = await startDatabase(dataDir, join(folder, "supervisor.log"));
  const wires = await Promise.all(
    Array.from({ length: SERVERS }, () => startWire(database.socket)),
  );
  const sink = await startSink(random.fork("sink"));
  const shared = sharedVariables(sink.url);
  const problems: string[] = [];
  const servers: Server[] = wires.map(({ port }, index) =>
    createServer({
      ...{ index, folder },
      onDeath(how) {
        problems.push(`server ${index} ended by itself: ${how}`);
        void servers[index]?.start();
      },
      env: { ...shared, DATABASE_URL: `postgresql://florin@127.0.0.1:${port}/florin` },
      onChange: () => guard.watch(servers.flatMap(({ pid }) => pid ?? [])),
    }),
  );
  await Promise.all(servers.map((server) => server.start()));
  const token = await logIn(servers[0]?.port ?? 0, shared);

  const startedAt = performance.now();
  const tellWhen = (line: string) =>
    tell(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
  const world: World = {
    ...{ servers, wires, database, sink, disk },
    random: random.fork("nemesis"),
    tell: tellWhen,
  };
  const ledgers = LEDGERS.map(newKnowledge);
  const field: Field = { servers, ledgers, token, operations: [] };
  const watchers = LEDGERS.map((ledger) =>
    startWatcher({ ledger, servers, token, random: random.fork(`watcher ${ledger}`) }),
  );
  const durationMs = seconds * 1000;
  const lanes = planFaults(random.fork("faults"), {
    ...{ durationMs, isLong },
    servers: SERVERS,
    mayFillDisk: disk !== null,
  });
  const clients = Array.from({ length: CLIENTS }, (_, client) => {
    const run = client < STREAMING ? runStreamClient : runClient;
    const until = startedAt + durationMs;
    return run(field, { client, random: random.fork(`client ${client}`), until });
  });
  await Promise.all([...clients, ...lanes.map((lane) => runLane(world, lane, startedAt))]);
  tellWhen("all is healed");
  problems.push(...(await settle({ world, field, watchers, client: CLIENTS })));
  tellWhen("all works again");

  const history: History = {
    operations: field.operations,
    watched: watchers.map(({ watched }) => watched),
    deliveries: sink.deliveries,
  };
  tell(summarize(history));
  problems.push(...judgeRun(history, LEDGERS, seconds));
  await Promise.all(
    servers.map(async (server) => {
      const code = await server.stop();
      if (code !== 0) problems.push(`server ${server.index} ended with ${code}`);
    }),
  );
  closeClients();
  sink.close();
  for (const wire of wires) wire.close();
  for (const violation of await check(history, database.url)) {
    problems.push(describe(violation, history));
  }
  await database.stop();
  guard.dismiss();
  await disk?.unmount();
  if (problems.length > 0 || keeps) {
    await saveHistory(history, join(folder, "history.jsonl"));
    tell(`the history and the logs of the servers are in ${folder}`);
  } else await rm(folder, { recursive: true });
  return problems;
}

/** What all servers are told alike. */
const sharedVariables = (sinkUrl: string) => ({
  PATH: process.env["PATH"],
  PORT: "0",
  PUBLIC_URL: "http://florin.torture",
  ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  BOOTSTRAP_CLIENT_ID: "torture",
  BOOTSTRAP_CLIENT_SECRET: randomBytes(16).toString("hex"),
  EVENTS_HTTP_URL: sinkUrl,
  EVENTS_HTTP_SECRET: randomBytes(16).toString("hex"),
  LOG_LEVEL: "warn",
});

async function logIn(
  port: number,
  {
    BOOTSTRAP_CLIENT_ID,
    BOOTSTRAP_CLIENT_SECRET,
  }: { BOOTSTRAP_CLIENT_ID: string; BOOTSTRAP_CLIENT_SECRET: string },
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: BOOTSTRAP_CLIENT_ID,
      client_secret: BOOTSTRAP_CLIENT_SECRET,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
