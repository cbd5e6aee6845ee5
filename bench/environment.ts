import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { openDatabase } from "../src/db/database.js";

/** What a figure means nothing without. */
export interface Environment {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Of the sources that ran; with "+" if they were changed since. */
  readonly commit: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Without these, an acknowledged transaction may be lost, and any rate is easy. */
const DURABLE = ["fsync", "synchronous_commit", "full_page_writes"];

/** Throws unless PostgreSQL, asked by a session such as the server's, keeps what it acknowledges. */
export async function readEnvironment(url: string): Promise<Environment & { postgres: number }> {
  const db = openDatabase({ url, poolSize: 1 });
  const { rows } = await db.raw<{ rows: { name: string; setting: string }[] }>(
    "select name, setting from pg_settings where name = any(?)",
    [[...DURABLE, "server_version", "shared_buffers", "wal_sync_method", "max_wal_size"]],
  );
  // The parent of a session is the server.
  const session = await db.raw<{ rows: { pid: number }[] }>("select pg_backend_pid() as pid");
  const postgres = parentOf(session.rows[0]?.pid ?? 0);
  await db.destroy();
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  for (const name of DURABLE) {
    if (settings[name] !== "on")
      throw new Error(`${name} is ${settings[name]}: nothing is durable`);
  }
  const { server_version: version = "", ...rest } = settings;
  const { version: florin } = JSON.parse(readFileSync("package.json", "utf8"));
  return {
    machine: {
      processor: cpus()[0]?.model ?? "",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()} ${arch()}`,
    },
    versions: { florin, node: process.versions.node, postgres: version },
    commit: commit(),
    settings: rest,
    postgres,
  };
}

export function requireDurable(settings: Readonly<Record<string, string>>): void {
  for (const name of DURABLE) {
    if (settings[name] !== "on")
      throw new Error(`${name} is ${settings[name]}: nothing is durable`);
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}

function commit(): string {
  try {
    const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "HEAD") + (isChanged ? "+" : "");
  } catch {
    return "unknown";
  }
}
