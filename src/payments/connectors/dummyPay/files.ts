import { constants } from "node:fs";
import { mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { DummyPayConfig } from "./dummyPay.js";
import { PREFIX } from "./payment.js";

/** A file of ours is far smaller. */
const MOST_BYTES = 1024 * 1024;

/** A file may be dated a little before the moment at which it could be seen. */
const SLACK_MS = 2_000;

type Place = Pick<DummyPayConfig, "root" | "directory">;

/** `path`, absolute or seen from `root`, if it lies below `root` as far as names tell; else null. */
export function directoryBelow(root: string, path: string): string | null {
  if (path.includes("\0")) return null;
  const directory = resolve(root, path);
  return isBelow(root, directory) ? directory : null;
}

const isBelow = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** The directory's real place, symbolic links followed. Null if there is none. Throws if that is not below the root's. */
async function placeOf({ root, directory }: Place): Promise<string | null> {
  const real = await orNull(realpath(directory));
  if (real !== null && !isBelow(await realpath(root), real))
    throw new Error("the directory leads elsewhere");
  return real;
}

/** Names of our files that were changed after that time, and the time until which no other was. */
export async function readChanged(
  place: Place,
  after: number,
): Promise<{ names: string[]; until: number }> {
  const until = Date.now() - SLACK_MS;
  const directory = await placeOf(place);
  if (directory === null) throw new Error("the directory does not exist");
  const names: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    if (!name.startsWith(PREFIX)) continue;
    const stats = await orNull(stat(join(directory, name)));
    if (stats?.isFile() && stats.ctimeMs >= after) names.push(name);
  }
  return { names, until };
}

/** The text of a file; null if there is no such file. Links are not followed. */
export async function readFile(place: Place, name: string): Promise<string | null> {
  if (name.includes(sep) || !name.startsWith(PREFIX)) throw new Error("that is no file of ours");
  const directory = await placeOf(place);
  if (directory === null) return null;
  const file = await orNull(
    open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
  );
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error("that is no file of ours");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** Writes a file, at one blow; makes the directory if need be, and the root. */
export async function generateFile(
  place: Place,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  await mkdir(place.root, { recursive: true, mode: 0o700 });
  if ((await placeOf(place)) === null) {
    const parent = await placeOf({ root: place.root, directory: dirname(place.directory) });
    if (parent === null) throw new Error("the folder above the directory does not exist");
    await mkdir(join(parent, basename(place.directory)), { mode: 0o700 });
  }
  const directory = await placeOf(place);
  if (directory === null) throw new Error("the directory does not exist");
  const draft = join(directory, `.${name}`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await rename(draft, join(directory, name));
}

/** Removes our files. */
export async function removeFiles(place: Place): Promise<void> {
  const directory = await placeOf(place);
  if (directory === null) return;
  for (const name of await readdir(directory)) {
    if (name.startsWith(PREFIX) || name.startsWith(`.${PREFIX}`))
      await rm(join(directory, name), { force: true });
  }
}

/** Null where something does not exist. */
const orNull = <T>(promise: Promise<T>): Promise<T | null> =>
  promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
