import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { openDatabase } from "../../src/db/database.js";
import { startEmbedded } from "../../src/db/embedded/startEmbedded.js";
import { migrate } from "../../src/db/migrate.js";
import { findLeaks } from "./findLeaks.js";
import { runFolder } from "./runFolder.js";
import { brokenRules } from "./sqlRules/brokenRules.js";
import { recordStatements } from "./statements.js";

declare module "vitest" {
  interface ProvidedContext {
    /** A database on the run's server, to create and drop others from. */
    adminUrl: string;
    /** Name of the migrated database that each test copies. */
    template: string;
    /** File to which every process of the run adds the statements that it sends. */
    statements: string;
  }
}

/**
 * Builds what tests start in processes of their own, starts the run's server, or takes the one of TEST_DATABASE_URL, and
 * migrates a template. Undone after the run, but for the build.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
  const folder = await runFolder();
  const server = await startServer(folder);
  const statements = join(folder, "statements");
  const template = `florin_test_${randomBytes(6).toString("hex")}`;
  const admin = openDatabase({ url: server.url, poolSize: 1 });
  const teardown = async () => {
    reportBrokenRules(statements);
    reportLeaks(folder);
    await admin.raw(`drop database if exists ${template} with (force)`);
    await admin.destroy();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await admin.raw(`create database ${template}`);
    recordStatements(statements);
    await migrateTemplate(withDatabase(server.url, template));
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("adminUrl", server.url);
  project.provide("template", template);
  project.provide("statements", statements);
  project.provide("evidence", folder);
  return teardown;
}

async function migrateTemplate(url: string): Promise<void> {
  const db = openDatabase({ url, poolSize: 1 });
  await migrate(db).finally(() => db.destroy());
  // The first to connect leaves a file, which copies have too, that spares others to look up what all tables are.
  const first = openDatabase({ url, poolSize: 1 });
  await first.raw("select").finally(() => first.destroy());
}

async function startServer(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given) return { url: given, stop: async () => {} };
  // Root's stand-in must be able to enter, or the database would lie elsewhere.
  await chmod(folder, 0o711);
  stopAfterUs(folder);
  return startEmbedded({
    dataDir: folder,
    logger: pino({ level: "silent" }),
    // Nothing here outlives the run, so nothing need survive a power cut.
    settings: { fsync: "off", full_page_writes: "off", max_connections: "450" },
  });
}

/** When this process is gone, however it went, its end of the pipe closes: the server stops, and its files go. */
function stopAfterUs(folder: string): void {
  const script =
    'cat; kill -QUIT "$(head -n 1 "$0/postgres/data/postmaster.pid")" && sleep 1; rm -rf "$0"';
  const guard = spawn("/bin/sh", ["-c", script, folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
}

/** The run fails, though every test may have passed. */
function reportBrokenRules(statements: string): void {
  const broken = brokenRules(statements);
  if (broken.length === 0) return;
  console.error(`\nStatements that break the rules for ledger tables:\n\n${broken.join("\n\n")}\n`);
  process.exitCode = 1;
}

function reportLeaks(folder: string): void {
  const leaks = findLeaks(folder);
  if (leaks.length === 0) return;
  console.error(`\nServers told secrets, in logs or in errors:\n\n${leaks.join("\n\n")}\n`);
  process.exitCode = 1;
}

/** `url` with another database in it. */
export const withDatabase = (url: string, database: string): string =>
  url.replace(/^([a-z]+:\/\/[^/]*\/)[^?]*/, `$1${database}`);
