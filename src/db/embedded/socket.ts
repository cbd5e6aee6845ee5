import { createHash } from "node:crypto";
import { chown, lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "./account.js";

/** The longest path that the system binds a socket to; macOS has room for four bytes less. */
const LONGEST = process.platform === "darwin" ? 103 : 107;
const NAME = "/.s.PGSQL.5432";

const fits = (folder: string): boolean => Buffer.byteLength(folder + NAME) <= LONGEST;

/** Characters that need no quotes in PostgreSQL's list of socket folders. */
const PLAIN = /^[\w./-]+$/;

/** The folder of the socket: `home`, or one in the temp folder that is its alone, where `home` is too long a name. */
export async function socketFolder(home: string, account: Account | null): Promise<string> {
  if (fits(home) && PLAIN.test(home)) return home;
  const name = `florin-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`;
  const folder = [tmpdir(), "/tmp"].map((temp) => join(temp, name)).find(fits) ?? home;
  await mkdir(folder, { mode: 0o700 }).then(
    () => account && chown(folder, account.uid, account.gid),
    (error) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  const { uid, mode } = await lstat(folder);
  const owner = account?.uid ?? process.getuid?.();
  if (uid !== owner || (mode & 0o777) !== 0o700) {
    throw new Error(`${folder} is somebody else's: remove it, or set TMPDIR to another folder.`);
  }
  return folder;
}
