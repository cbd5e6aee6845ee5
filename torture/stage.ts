import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDatabase } from "./database.js";
import { mountDisk } from "./disk.js";
import { closeClients } from "./grpc.js";
import { setGuard } from "./guard.js";
import type { World } from "./nemesis.js";
import type { Random } from "./random.js";
import { createServer, type Server } from "./servers.js";
import { startSink } from "./sink.js";
import { startWire } from "./wire.js";

/** All that is tortured, and what it runs in. */
export interface Stage {
  /** For what is to be read afterwards. */
  readonly folder: string;
  readonly world: Omit<World, "tell">;
  /** Of the first client, at all servers. */
  readonly token: string;
  /** Servers that ended and had not been asked to, in plain words; later also those that did not end as they should. */
  readonly problems: string[];
  stopServers(): Promise<void>;
  /** Ends all the rest. */
  close(): Promise<void>;
  /** Removes the folder. */
  clear(): Promise<void>;
}

export interface StageOptions {
  readonly servers: number;
  readonly random: Random;
  /** Whether to have a disk that can be full, if that is possible. */
  readonly wantsDisk: boolean;
}

/** Starts a database, servers on it that reach it over wires, and a sink for their events. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { servers: count, random, wantsDisk } = options;
  const folder = await mkdtemp(join(tmpdir(), "florin-torture-"));
  await chmod(folder, 0o711);
  const guard = setGuard(folder);
  const dataDir = join(folder, "database");
  await mkdir(dataDir, { mode: 0o711 });
  const disk = wantsDisk ? await mountDisk(dataDir) : null;
  const database = await startDatabase(dataDir, join(folder, "supervisor.log"));
  const wires = await Promise.all(Array.from({ length: count }, () => startWire(database.socket)));
  const sink = await startSink(random.fork("sink"));

  const problems: string[] = [];
  const shared = sharedVariables(sink.url);
  const servers: Server[] = wires.map(({ port }, index) =>
    createServer({
      ...{ index, folder },
      env: { ...shared, DATABASE_URL: `postgresql://florin@127.0.0.1:${port}/florin` },
      onChange: () => guard.watch(servers.flatMap(({ pid }) => pid ?? [])),
      onDeath(how) {
        problems.push(`server ${index} ended by itself: ${how}`);
        void servers[index]?.start();
      },
    }),
  );
  await Promise.all(servers.map((server) => server.start()));

  return {
    folder,
    world: { servers, wires, database, sink, disk, random: random.fork("nemesis") },
    token: await logIn(servers[0]?.port ?? 0, shared),
    problems,
    async stopServers() {
      await Promise.all(
        servers.map(async (server) => {
          const code = await server.stop();
          if (code !== 0) problems.push(`server ${server.index} ended with ${code}`);
        }),
      );
    },
    async close() {
      closeClients();
      sink.close();
      for (const wire of wires) wire.close();
      await database.stop();
      guard.dismiss();
      await disk?.unmount();
    },
    clear: () => rm(folder, { recursive: true }),
  };
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
  variables: Pick<
    ReturnType<typeof sharedVariables>,
    "BOOTSTRAP_CLIENT_ID" | "BOOTSTRAP_CLIENT_SECRET"
  >,
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: variables.BOOTSTRAP_CLIENT_ID,
      client_secret: variables.BOOTSTRAP_CLIENT_SECRET,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
