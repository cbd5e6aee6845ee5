import { randomUUID } from "node:crypto";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readlink,
  realpath,
  rename,
  rmdir,
  symlink,
} from "node:fs/promises";
import { join } from "node:path";
import { type Account, canEnter } from "./account.js";

const ELSEWHERE = "/var/lib/florin";

/**
 * The folder (0700) that holds the database, its socket and its log: `postgres` in `dataDir`. Where `account` cannot
 * get into `dataDir`, `postgres` is a link to a folder that it can reach. Without that link the database is a new one.
 */
export async function openHome(dataDir: string, account: Account | null): Promise<string> {
  const home = join(dataDir, "postgres");
  if (await exists(home)) {
    return realpath(home).catch(async () => {
      throw new Error(
        `${home} points to ${await readlink(home)}, which is gone: bring it back, or remove ${home} to start with an empty database.`,
      );
    });
  }
  if (account === null || (await canEnter(dataDir, account))) {
    await own(home, account);
    return realpath(home);
  }
  await mkdir(ELSEWHERE, { recursive: true });
  await chmod(ELSEWHERE, 0o755);
  const target = join(ELSEWHERE, randomUUID());
  await own(target, account);
  await symlink(target, home).catch(async (error) => {
    await rmdir(target);
    if (error.code !== "EEXIST") throw error;
  });
  return realpath(home);
}

/** Makes `folder` in one step, for another process may do the same at the same time. */
async function own(folder: string, account: Account | null): Promise<void> {
  const half = `${folder}-${randomUUID()}`;
  await mkdir(half, { mode: 0o700 });
  if (account !== null) await chown(half, account.uid, account.gid);
  await rename(half, folder).catch(async (error) => {
    await rmdir(half);
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
}

/** Whether `path` is there, be it as a link to nothing. */
export const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
