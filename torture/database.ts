import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { findPostmaster } from "../src/db/embedded/postmaster.js";
import { startEmbedded } from "../src/db/embedded/startEmbedded.js";
import type { Random } from "./random.js";

const run = promisify(execFile);

/** A PostgreSQL of the torture's own. When it goes down, it is started again at once. */
export interface Database {
  /** Past all wires that break. */
  readonly url: string;
  /** Of the socket that it listens on. */
  readonly socket: string;
  /** What it answers ends PostgreSQL at once, without a checkpoint. */
  aimToStop(): Promise<() => void>;
  /** What it answers kills all of PostgreSQL's processes at one blow. */
  aimToKill(): Promise<() => void>;
  /** Kills the process of one session. */
  killSession(random: Random): Promise<void>;
  stop(): Promise<void>;
}

export async function startDatabase(dataDir: string, log: string): Promise<Database> {
  const logger = pino(pino.destination({ dest: log, sync: true }));
  const embedded = await startEmbedded({ dataDir, logger, settings: SETTINGS });
  const data = await realpath(join(dataDir, "postgres/data"));
  const socketFolder = new URL(embedded.url.replace("@/", "@localhost/")).searchParams.get("host");
  const find = async (): Promise<number> => (await findPostmaster(data))?.pid ?? 0;
  const signal = (pids: readonly number[], name: NodeJS.Signals) => {
    for (const pid of pids) if (pid > 0) tryKill(pid, name);
  };
  return {
    url: embedded.url,
    socket: `${socketFolder}/.s.PGSQL.5432`,
    async aimToStop() {
      const postmaster = await find();
      return () => signal([postmaster], "SIGQUIT");
    },
    async aimToKill() {
      const postmaster = await find();
      const all = [postmaster, ...(await childrenOf(postmaster))];
      return () => signal(all, "SIGKILL");
    },
    async killSession(random) {
      const children = await childrenOf(await find());
      const titles = await Promise.all(children.map(titleOf));
      const sessions = children.filter((_, index) => /florin florin/.test(titles[index] ?? ""));
      if (sessions.length > 0) signal([random.pick(sessions)], "SIGKILL");
    },
    stop: () => embedded.stop(),
  };
}

/** Three servers with ten connections each, and those who look. */
const SETTINGS = { max_connections: "60" };

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="]);
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/ +/).map(Number));
  return pairs.filter(([, ppid]) => ppid === parent).map(([pid = 0]) => pid);
}

/** "postgres: florin florin [local] idle" is a session of user florin in the database florin. */
const titleOf = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
