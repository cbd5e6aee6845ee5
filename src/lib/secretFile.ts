import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * The text of the file `path`, which only its owner may use: one that is open to others is refused. If there is none, it is
 * written with what `make` gives: once, also when several processes try at the same time, and on disk before this returns.
 */
export async function secretFile(path: string, make: () => string): Promise<string> {
  try {
    return await readSecret(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "wx", 0o600);
  await file.writeFile(make());
  await file.sync();
  await file.close();
  await link(draft, path).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(draft);
  await syncFolder(dirname(path));
  return readSecret(path);
}

/**
 * Whether a secret in such a file is a secret no more. What is root's may be readable to a group: that is how a server is given
 * it that runs as somebody else, a secret mounted with `fsGroup` for one.
 */
export const isOpenToOthers = ({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean =>
  (mode & (uid === ROOT ? 0o037 : 0o077)) !== 0;

const ROOT = 0;

async function readSecret(path: string): Promise<string> {
  const stats = await stat(path);
  if (!isOpenToOthers(stats)) return readFile(path, "utf8");
  const { mode } = stats;
  const found = (mode & 0o777).toString(8).padStart(4, "0");
  throw new Error(
    `${path} holds a secret, and others may use the file (mode ${found}): chmod 600 it, and ask yourself who has read it.`,
  );
}

/** Puts the names in `folder` on disk: a new or renamed file then outlives a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}
