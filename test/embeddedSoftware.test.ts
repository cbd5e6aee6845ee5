import { execFile } from "node:child_process";
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { serverAccount } from "../src/db/embedded/account.js";
import { openHome } from "../src/db/embedded/home.js";
import { findSoftware, installedSoftware } from "../src/db/embedded/software.js";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "florin-software-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  return folder;
}

/** The installed programs as npm leaves them when it skips install scripts: without links between libraries. */
async function withoutLinks(folder: string): Promise<string> {
  const installed = join(folder, "installed");
  await cp(installedSoftware(), installed, { recursive: true, verbatimSymlinks: true });
  const libraries = join(installed, "native/lib");
  for (const name of await readdir(libraries)) {
    const path = join(libraries, name);
    if ((await lstat(path)).isSymbolicLink()) await rm(path);
  }
  return installed;
}

test("links that the install left out are made", async () => {
  const folder = await newFolder();
  const installed = await withoutLinks(folder);
  const account = await serverAccount(join(folder, "postgres"));
  const home = await openHome(folder, account);
  expect((await findSoftware(installed, home, account)).folder).toBe(installed);
  expect(await readdir(home)).toEqual([]);
});

// For an ordinary user, because the missing links cannot be made; for root, because its stand-in cannot enter.
test("programs that cannot be used where they lie are copied", async () => {
  const folder = await newFolder();
  const installed = await withoutLinks(folder);
  const account = await serverAccount(join(folder, "postgres"));
  const home = await openHome(folder, account);
  const closed = isRoot ? installed : join(installed, "native/lib");
  await chmod(closed, isRoot ? 0o700 : 0o555);
  onTestFinished(() => chmod(closed, 0o755));
  const software = await findSoftware(installed, home, account);
  expect(software.folder).toMatch(`${home}/software-${software.major}.`);
  for (const program of ["postgres", "initdb"]) {
    const path = join(software.folder, "native/bin", program);
    const { stdout } = await run(path, ["--version"], { ...account, cwd: "/" });
    expect(stdout).toContain(`(PostgreSQL) ${software.major}.`);
  }
});

test.runIf(isRoot)("root's database in a folder closed to others lives elsewhere", async () => {
  const folder = await newFolder();
  await chmod(folder, 0o700);
  const dataDir = join(folder, "florin");
  await mkdir(dataDir);
  const account = await serverAccount(join(dataDir, "postgres"));
  const home = await openHome(dataDir, account);
  onTestFinished(() => rm(home, { recursive: true }));
  expect(home).toMatch(/^\/var\/lib\/florin\//);
  expect(await lstat(home)).toMatchObject({ uid: account?.uid });
  expect((await lstat(home)).mode & 0o777).toBe(0o700);
  expect(await openHome(dataDir, account)).toBe(home);
});

test.runIf(isRoot)("root's database goes on with the account that began it", async () => {
  const home = await newFolder();
  await chown(home, 65534, 65534);
  expect(await serverAccount(home)).toEqual({ uid: 65534, gid: 65534 });
});

test("a link to a database that is gone is not taken for a new one", async () => {
  const folder = await newFolder();
  await symlink("/nowhere/florin", join(folder, "postgres"));
  await expect(openHome(folder, null)).rejects.toThrow("points to /nowhere/florin, which is gone");
});
