import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { vi } from "vitest";

const run = promisify(execFile);

/** Waits until SIGSTOP has taken hold of the process, which on a busy machine is not at once. */
export const untilStopped = (pid: number): Promise<void> =>
  vi.waitFor(async () => {
    const { stdout } = await run("ps", ["-o", "stat=", "-p", String(pid)]);
    if (!stdout.startsWith("T")) throw new Error(`process ${pid} still runs`);
  }, 10_000);
