import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A small disk that can be full. */
export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
  unmount(): Promise<void>;
}

const ROOM = "4g";

/** Mounts a disk at `folder`; null where that is not allowed. */
export async function mountDisk(folder: string): Promise<Disk | null> {
  if (process.getuid?.() !== 0) return null;
  const mount = (...words: string[]) => run("mount", words);
  try {
    await mount("-t", "tmpfs", "-o", `size=${ROOM},mode=711`, "florin-torture", folder);
  } catch {
    return null;
  }
  const fill = async (): Promise<void> => {
    const { blocks, bavail, bsize } = await statfs(folder);
    const size = (blocks - bavail) * bsize;
    // Refused if there is more on it by now.
    await mount("-o", `remount,size=${size}`, folder).catch(fill);
  };
  return {
    fill,
    free: async () => void (await mount("-o", `remount,size=${ROOM}`, folder)),
    unmount: async () => void (await run("umount", [folder])),
  };
}
