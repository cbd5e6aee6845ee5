import { mkdtemp, readFile, statfs } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 1024 ** 3;

/** A folder for the files of a run: in memory where there is plenty, for tests make and drop databases all the time. */
export const runFolder = async (): Promise<string> =>
  mkdtemp(join((await isRoomy()) ? MEMORY : tmpdir(), "florin-test-"));

/** Not where programs may not be run: those of PostgreSQL may have to be copied there. */
async function isRoomy(): Promise<boolean> {
  const mounts = await readFile("/proc/mounts", "utf8").catch(() => "");
  const mount = mounts.split("\n").find((line) => line.startsWith(`tmpfs ${MEMORY} `));
  if (mount === undefined || mount.includes("noexec")) return false;
  const { bavail, bsize } = await statfs(MEMORY);
  return Math.min(bavail * bsize, freemem()) > ROOM_BYTES;
}
