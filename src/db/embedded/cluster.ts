import { execFile } from "node:child_process";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { syncFolder } from "../../lib/secretFile.js";
import type { Account } from "./account.js";
import { exists } from "./home.js";
import type { Software } from "./software.js";

const run = promisify(execFile);

/** The superuser of the embedded database. */
export const SUPERUSER = "florin";

/** The data folder in `home`: made, if there is none. Throws if another major version of PostgreSQL made it. */
export async function openCluster(
  home: string,
  software: Software,
  account: Account | null,
): Promise<string> {
  const data = join(home, "data");
  if (!(await exists(data))) await createCluster(home, data, software, account);
  const major = Number.parseInt(await readFile(join(data, "PG_VERSION"), "utf8"), 10);
  if (major !== software.major) throw new Error(otherMajor(data, major, software.major));
  return data;
}

/** Under another name until it is whole, for this may be interrupted, and several processes may do it at once. */
async function createCluster(
  home: string,
  data: string,
  { folder }: Software,
  account: Account | null,
): Promise<void> {
  await removeHalves(home);
  const half = join(home, `${HALF}${process.pid}`);
  await run(
    join(folder, "native/bin/initdb"),
    [
      ["--pgdata", half],
      ["--username", SUPERUSER],
      // Whoever gets to the socket is in: its folder lets nobody else pass.
      ["--auth", "trust"],
      ["--encoding", "UTF8"],
      ["--locale", "C"],
      ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
      ["--data-checksums", "--no-instructions"],
    ].flat(),
    // Told the time zone, initdb need not guess it by trying all there are.
    { ...account, cwd: "/", env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C" } },
  );
  try {
    await rename(half, data);
  } catch (error) {
    await rm(half, { recursive: true });
    if (!(await exists(data))) throw error;
  }
  // Everything that is ever committed hangs on these names.
  for (const folder of [home, dirname(home)]) await syncFolder(folder);
}

const HALF = "data-of-";

async function removeHalves(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(HALF) && !isAlive(Number(name.slice(HALF.length)))) {
      await rm(join(home, name), { recursive: true, force: true });
    }
  }
}

/** Whether there is a process `pid`. It may be anybody's. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function otherMajor(data: string, theirs: number, ours: number): string {
  const home = dirname(data);
  const database = `"host=${home} user=${SUPERUSER} dbname=florin"`;
  return [
    `${data} was written by PostgreSQL ${theirs}, which PostgreSQL ${ours} of this Florin cannot read. Nothing was changed. To move:`,
    `  1. start the Florin that you ran before, and run: pg_dump --format=custom --file=florin.dump ${database}`,
    `  2. stop it, and move ${home} away; leave the files beside it, for they hold the keys`,
    `  3. start this Florin, and run: pg_restore --clean --if-exists --single-transaction --dbname=${database} florin.dump`,
    "  4. start this Florin again",
  ].join("\n");
}
