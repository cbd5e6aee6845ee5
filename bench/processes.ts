import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
  /** Cores that it and its children may use, as `taskset` takes them. Default: all. */
  readonly cores?: string | undefined;
}

/** Starts a Node program and waits for the first line that `pattern` matches; answers its group. */
export async function startProgram(
  file: string,
  pattern: RegExp,
  { env = {}, flags = [], cores }: ProgramOptions = {},
): Promise<{ readonly found: string; readonly pid: number; stop(): Promise<void> }> {
  const node = [process.execPath, ...flags, file];
  const [command = "", ...args] = cores === undefined ? node : ["taskset", "-c", cores, ...node];
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  if (child.stdout === null) throw new Error("no stdout");
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line)?.[1];
    if (found === undefined) continue;
    child.stdout.resume();
    return { found, pid: child.pid ?? 0, stop };
  }
  throw new Error(`${file} did not start`);
}

const TICKS_PER_SECOND = 100;

/** CPU seconds that process `pid` has used. Linux only; NaN elsewhere. */
export function cpuSeconds(pid: number): number {
  const { own } = ticks(pid);
  return own / TICKS_PER_SECOND;
}

/** CPU seconds that process `pid` and its children have used, those that ended included. Linux only; NaN elsewhere. */
export function cpuSecondsOfFamily(pid: number): number {
  const { own, ended } = ticks(pid);
  const alive = childrenOf(pid).reduce((sum, child) => sum + (ticks(child).own || 0), 0);
  return (own + ended + alive) / TICKS_PER_SECOND;
}

/** What it used itself, and what those of its children used that ended. */
function ticks(pid: number): { readonly own: number; readonly ended: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .map(Number);
    const at = (index: number) => fields[index] ?? Number.NaN;
    return { own: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    return { own: Number.NaN, ended: Number.NaN };
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  } catch {
    return [];
  }
}

/** Megabytes of memory that process `pid` holds. Linux only; NaN elsewhere. */
export function memoryMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** CPU seconds of all cores since the machine started: those that something ran in, and all there were. */
export function cpuSecondsOfMachine(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const busyMs = times.reduce((sum, it) => sum + it.user + it.nice + it.sys + it.irq, 0);
  const idleMs = times.reduce((sum, it) => sum + it.idle, 0);
  return { busy: busyMs / 1000, all: (busyMs + idleMs) / 1000 };
}
