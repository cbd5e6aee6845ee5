import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, readlink, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Account } from "./account.js";
import { isAlive } from "./cluster.js";
import type { Software } from "./software.js";

/** A running server, as it describes itself in its data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
}

/** The server that runs on `data`, whoever started it. Null if there is none. */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const file = join(data, "postmaster.pid");
  const [pid, , , , socketFolder] = await readFile(file, "utf8").then(
    (text) => text.split("\n"),
    () => [],
  );
  // Young servers have not written all lines yet.
  if (pid === undefined || socketFolder === undefined) return null;
  if (await isPostmaster(Number(pid), data)) return { pid: Number(pid), socketFolder };
  // Left by a crash. PostgreSQL removes it itself, unless another process has got the number: usual in containers.
  if (isAlive(Number(pid))) await rm(file, { force: true });
  return null;
}

/** A server's working directory is its data folder. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  if (process.platform !== "linux") return isAlive(pid);
  return (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === data;
}

export interface LaunchOptions {
  readonly data: string;
  readonly socketFolder: string;
  readonly software: Software;
  readonly account: Account | null;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts a server that outlives this process: in a session of its own, so that Ctrl-C does not reach it, and with a
 * file to write its log to.
 */
export async function launch(options: LaunchOptions): Promise<ChildProcess> {
  const { data, socketFolder, software, account, settings } = options;
  const path = logFile(data);
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > LARGEST_LOG) await rename(path, `${path}.1`);
  const log = await open(path, "a", 0o600);
  const set = Object.entries({ ...SETTINGS, ...settings, unix_socket_directories: socketFolder });
  const child = spawn(
    join(software.folder, "native/bin/postgres"),
    ["-D", data, ...set.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    {
      ...account,
      cwd: "/",
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C" },
    },
  );
  child.unref();
  await once(child, "spawn").finally(() => log.close());
  return child;
}

const SETTINGS = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  // Our statements are short: compiling them takes longer than running them.
  jit: "off",
  // A ledger may have a million transactions within its first minute: plans that were made without statistics take seconds.
  autovacuum_naptime: "10s",
};

const LARGEST_LOG = 1_000_000;

const logFile = (data: string): string => join(dirname(data), "server.log");

/** The end of the server's log, for a person to read. */
export const logTail = (data: string): Promise<string> =>
  readFile(logFile(data), "utf8").then(
    (text) => text.trimEnd().split("\n").slice(-10).join("\n"),
    () => "",
  );
