import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Sees to it that nothing of a torture outlives it, however it ended. */
export interface Guard {
  /** The processes that are to die with this one. */
  watch(pids: readonly number[]): void;
  /** All is over, and what lies in the folder may stay. */
  dismiss(): void;
}

/** Ends the processes, then PostgreSQL; removes all of `folder` unless it was dismissed. */
const SCRIPT = `
  cat
  kill -9 $(cat "$0/pids") 2>/dev/null
  kill -9 "$(head -n 1 "$0/database/postgres/data/postmaster.pid")" 2>/dev/null && sleep 1
  grep -q " $0/database " /proc/mounts && umount "$0/database"
  rm -rf "$0"`;

/** Its end of a pipe closes when this process is gone. */
export function setGuard(folder: string): Guard {
  const guard = spawn("/bin/sh", ["-c", SCRIPT, folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  return {
    watch(pids) {
      writeFileSync(join(folder, "pids"), pids.join(" "));
    },
    dismiss() {
      guard.kill("SIGKILL");
    },
  };
}
