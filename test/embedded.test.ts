import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { type Db, openDatabase } from "../src/db/database.js";
import { serverAccount } from "../src/db/embedded/account.js";
import { type Embedded, startEmbedded } from "../src/db/embedded/startEmbedded.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

async function newDataDir(...path: string[]): Promise<string> {
  const folder = await mkdtemp(join(inject("evidence"), "embedded-"));
  await chmod(folder, 0o755);
  const dataDir = join(folder, ...path);
  onTestFinished(async () => {
    // Only a test that failed half-way leaves its server running.
    const pid = await serverPid(dataDir).catch(() => process.pid);
    if (pid !== process.pid && isRunning(pid)) process.kill(pid, "SIGQUIT");
    await rm(folder, { recursive: true });
  });
  return dataDir;
}

async function start(dataDir: string): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir, logger: pino({ level: "silent" }) });
  let running = true;
  const stop = async () => {
    if (running) await embedded.stop();
    running = false;
  };
  onTestFinished(stop);
  return { url: embedded.url, stop };
}

function open(url: string): Db {
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.destroy());
  return db;
}

/** Another process that uses the database of `dataDir`. A signal goes to its whole group, as Ctrl-C does. */
async function startProcess(dataDir: string) {
  const program = fileURLToPath(new URL("support/embeddedProcess.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  const end = async (signal: NodeJS.Signals) => {
    process.kill(-(child.pid ?? Number.NaN), signal);
    await once(child, "exit");
  };
  return { url, end };
}

const serverPid = async (dataDir: string): Promise<number> => {
  const text = await readFile(join(dataDir, "postgres/data/postmaster.pid"), "utf8");
  return Number.parseInt(text, 10);
};

/** Whether process `pid` runs. One that has ended, but that nobody has collected yet, does not. */
const isRunning = (pid: number): boolean => {
  if (process.platform === "linux") {
    const file = `/proc/${pid}/stat`;
    return existsSync(file) && !/\) Z/.test(readFileSync(file, "utf8"));
  }
  return /^[^Z]/.test(
    spawnSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" }).stdout,
  );
};

const makeThing = (db: Db) => db.raw("create table things as select 42 as id");
const things = (db: Db) => db("things").pluck("id");

test("what was committed is there after a stop and a start", async () => {
  const dataDir = await newDataDir();
  const first = await start(dataDir);
  await makeThing(open(first.url));
  const pid = await serverPid(dataDir);
  await first.stop();
  expect(isRunning(pid)).toBe(false);
  const second = await start(dataDir);
  expect(await things(open(second.url))).toEqual([42]);
});

test("the cluster keeps promises: synced, checksummed, bytewise UTF-8, in a folder of its own, off the network", async () => {
  const dataDir = await newDataDir();
  const db = open((await start(dataDir)).url);
  const { rows } = await db.raw(
    `select name, setting from pg_settings where name in
     ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'server_encoding', 'listen_addresses')`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }: never) => [name, setting]))).toEqual({
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    data_checksums: "on",
    server_encoding: "UTF8",
    listen_addresses: "",
  });
  expect((await db.raw("select 'a' < 'B' as smaller, lower('É') as lower")).rows).toEqual([
    { smaller: false, lower: "é" },
  ]);
  expect((await stat(join(dataDir, "postgres"))).mode & 0o777).toBe(0o700);
});

test("a database left behind by a process that was killed is found and used", async () => {
  const dataDir = await newDataDir();
  const killed = await startProcess(dataDir);
  await makeThing(open(killed.url));
  const pid = await serverPid(dataDir);
  await killed.end("SIGKILL");
  expect(isRunning(pid)).toBe(true);
  const { url, stop } = await start(dataDir);
  expect(await things(open(url))).toEqual([42]);
  expect(await serverPid(dataDir)).toBe(pid);
  await stop();
  expect(isRunning(pid)).toBe(false);
});

test("two processes share a database; the last to leave stops it", async () => {
  const dataDir = await newDataDir();
  const [one, other] = await Promise.all([startProcess(dataDir), startProcess(dataDir)]);
  await makeThing(open(one.url));
  const pid = await serverPid(dataDir);
  await one.end("SIGTERM");
  expect(await things(open(other.url))).toEqual([42]);
  await other.end("SIGTERM");
  expect(isRunning(pid)).toBe(false);
});

test("a server that is killed is started again, with everything committed", async () => {
  const dataDir = await newDataDir();
  const db = open((await start(dataDir)).url);
  await makeThing(db);
  const pid = await serverPid(dataDir);
  process.kill(pid, "SIGKILL");
  await vi.waitFor(async () => expect(await serverPid(dataDir)).not.toBe(pid), 30_000);
  await vi.waitFor(async () => expect(await things(db)).toEqual([42]), 30_000);
});

test("a server and its user killed at once leave nothing in the way of the next start", async () => {
  const dataDir = await newDataDir();
  const killed = await startProcess(dataDir);
  await makeThing(open(killed.url));
  const pid = await serverPid(dataDir);
  await killed.end("SIGKILL");
  process.kill(pid, "SIGKILL");
  expect(await things(open((await start(dataDir)).url))).toEqual([42]);
});

test("a pid file whose number is somebody else's by now does not keep the server from starting", async () => {
  const dataDir = await newDataDir();
  await (await start(dataDir)).stop();
  // PostgreSQL itself sees through the numbers of other users' processes, and of its own parents.
  const account = await serverAccount(join(dataDir, "postgres"));
  const stranger = spawn("sleep", ["60"], { ...account, stdio: "ignore" });
  onTestFinished(() => {
    stranger.kill();
  });
  const lines = [stranger.pid, dataDir, 0, 5432, dataDir, "", "", "ready", ""];
  await writeFile(join(dataDir, "postgres/data/postmaster.pid"), lines.join("\n"));
  await makeThing(open((await start(dataDir)).url));
  expect(await serverPid(dataDir)).not.toBe(stranger.pid);
});

test("an interrupted first start is cleaned up by the next one", async () => {
  const dataDir = await newDataDir();
  await (await start(dataDir)).stop();
  const home = join(dataDir, "postgres");
  await mkdir(join(home, "data-of-999999999"));
  await rm(join(home, "data"), { recursive: true });
  await start(dataDir);
  expect((await readdir(home)).filter((name) => name.startsWith("data"))).toEqual(["data"]);
});

test("a folder whose name is too long for a socket gets its socket elsewhere, and is found again", async () => {
  const dataDir = await newDataDir("d".repeat(60), "e".repeat(60));
  const killed = await startProcess(dataDir);
  const folder = decodeURIComponent(killed.url.split("host=")[1] ?? "");
  expect(folder.length).toBeLessThan(80);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await makeThing(open(killed.url));
  const pid = await serverPid(dataDir);
  await killed.end("SIGKILL");
  expect(await things(open((await start(dataDir)).url))).toEqual([42]);
  expect(await serverPid(dataDir)).toBe(pid);
});

test("a folder with a name that a shell would stumble over works", async () => {
  const dataDir = await newDataDir(`it's "a" $folder, 100% ünusual`);
  await makeThing(open((await start(dataDir)).url));
});

test("data of another major version is refused with the way out, and left alone", async () => {
  const dataDir = await newDataDir();
  await (await start(dataDir)).stop();
  const version = join(dataDir, "postgres/data/PG_VERSION");
  const major = Number.parseInt(await readFile(version, "utf8"), 10);
  await writeFile(version, `${major - 1}\n`);
  const before = await readdir(join(dataDir, "postgres/data"));
  const error = await start(dataDir).catch((it: Error) => it);
  expect(error).toMatchObject({ message: expect.stringContaining("pg_dump") });
  expect(await readdir(join(dataDir, "postgres/data"))).toEqual(before);
});

test("a server that cannot start is reported with the end of its log", async () => {
  const dataDir = await newDataDir();
  await (await start(dataDir)).stop();
  await writeFile(join(dataDir, "postgres/data/postgresql.conf"), "nonsense = 1\n");
  await expect(start(dataDir)).rejects.toThrow(/unrecognized configuration parameter "nonsense"/);
});
