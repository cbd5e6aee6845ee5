import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { inject, onTestFinished } from "vitest";
import { findPostmaster, type Postmaster } from "../../src/db/embedded/postmaster.js";
import { keepSecretsOf, keepTold } from "./evidence.js";

const run = promisify(execFile);

/**
 * An empty folder for a server's data. After the test it goes, and so does a database that still runs in it. It is where
 * the run's files are, in memory if there is room: what PostgreSQL syncs takes long on disks, and no test pulls the plug.
 */
export async function newDataDir(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(inject("evidence"), "data-")));
  await chmod(folder, 0o711);
  onTestFinished(async () => {
    (await aimAtPostgres(folder))();
    while (await findPostgres(folder)) await sleep(10);
    await rm(folder, { recursive: true });
  });
  return folder;
}

/** The embedded PostgreSQL that runs in `dataDir`; null if there is none. */
export async function findPostgres(dataDir: string): Promise<Postmaster | null> {
  const data = await realpath(join(dataDir, "postgres/data")).catch(() => null);
  return data === null ? null : findPostmaster(data);
}

/** Finds all processes of the embedded PostgreSQL of `dataDir`; what it answers kills them at one blow. */
export async function aimAtPostgres(dataDir: string): Promise<() => void> {
  const postmaster = await findPostgres(dataDir);
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="]);
  const pids = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/ +/).map(Number))
    .filter((family) => family.includes(postmaster?.pid ?? Number.NaN))
    .map(([pid = 0]) => pid);
  return () => pids.forEach(killIfAlive);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** A server in a process of its own. */
export interface ServerProcess {
  /** "http://localhost:<port>". */
  readonly url: string;
  readonly pid: number;
  /** What it has printed for whoever started it. */
  readonly greeting: string;
  /** Sends `signal`, and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** Sends `signal` and waits for the end: the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

interface ProcessOptions {
  readonly command?: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly account?: { readonly uid: number; readonly gid: number } | null;
}

/** As it was built before the run. */
const SERVER = [process.execPath, "dist/main.js"];

/** Starts a server and waits until it has greeted. It is killed when the test is over. */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const { command = SERVER, cwd, env, account } = options;
  const [program = "", ...args] = command;
  keepSecretsOf(env);
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    ...account,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], LOG_LEVEL: "trace", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // In a group of its own, so that what it has started can be killed with it.
    detached: true,
  });
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  onTestFinished(async () => {
    if (child.pid !== undefined) killIfAlive(-child.pid);
    await ended;
  });
  let printed = "";
  let complaints = "";
  child.stderr.on("data", (data) => {
    complaints += data;
    keepTold(String(data));
  });
  const greeted = new Promise<string>((resolve) => {
    child.stdout.on("data", (data) => {
      printed += data;
      if (/^ *curl .*\n/m.test(printed)) resolve(printed);
    });
  });
  const failed = ended.then((how) => {
    throw new Error(`${command.join(" ")} ended with ${how}:\n${printed}${complaints}`);
  });
  const greeting = await Promise.race([greeted, failed]);
  failed.catch(() => {});
  return {
    url: /listens on (\S+)/.exec(greeting)?.[1] ?? "",
    pid: child.pid ?? 0,
    greeting,
    signal: (signal) => void child.kill(signal),
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** Of the first client that `startWithClient` sets up. */
export const CREDENTIALS = {
  client_id: "first",
  client_secret: "the secret of the first client",
};

/** Starts the server with a client that is known beforehand. */
export const startWithClient = (dataDir: string) =>
  startProcess({
    env: {
      DATA_DIR: dataDir,
      PORT: "0",
      BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
      BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
    },
  });
