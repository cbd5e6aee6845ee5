import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** One of the processes that serve. */
export interface Server {
  readonly index: number;
  /** Where it listens, or listened last. */
  readonly port: number;
  readonly pid: number | null;
  /** Starts it, again and again until it listens. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Asks it to end; the exit code, or null if it had to be killed. */
  stop(): Promise<number | null>;
  pause(): void;
  resume(): void;
  /** Sets its clock wrong, from this process on. */
  skew(ms: number): void;
}

export interface ServerOptions {
  readonly index: number;
  /** Its log and its data go there. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Is told whenever a process begins or ends. */
  onChange(): void;
  /** Is told when one ended that served, and that nobody had asked to. */
  onDeath(how: number | NodeJS.Signals): void;
}

/** A server drains for 10 s, and a publisher for 5 s. */
const STOP_MS = 40_000;
/** A start waits 10 s for a database that does not answer. */
const START_MS = 40_000;

export function createServer(options: ServerOptions): Server {
  const { index, folder, env, onChange, onDeath } = options;
  let child: ChildProcess | null = null;
  /** It listens, and is to go on. */
  let serving: ChildProcess | null = null;
  let port = 0;
  let starting: Promise<void> | null = null;
  const log = join(folder, `server${index}.log`);

  async function tryStart(): Promise<boolean> {
    const file = openSync(log, "a");
    const started = spawn(process.execPath, ARGUMENTS, {
      env: { ...env, DATA_DIR: join(folder, `server${index}`) },
      stdio: ["ignore", "pipe", file, "ipc"],
    });
    closeSync(file);
    child = started;
    onChange();
    started.once("exit", (code, signal) => {
      if (child === started) child = null;
      onChange();
      if (serving === started) onDeath(code ?? signal ?? 0);
    });
    const timer = setTimeout(() => started.kill("SIGKILL"), START_MS);
    if (started.stdout === null) throw new Error("no stdout");
    for await (const line of createInterface({ input: started.stdout })) {
      const found = /listens on http:\/\/localhost:(\d+)/.exec(line)?.[1];
      if (found === undefined) continue;
      clearTimeout(timer);
      started.stdout.resume();
      port = Number(found);
      serving = started;
      return true;
    }
    clearTimeout(timer);
    return false;
  }

  async function startSurely(): Promise<void> {
    while (!(await tryStart())) await sleep(250);
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    if (ending === null) return 0;
    serving = null;
    const exit = once(ending, "exit");
    ending.kill("SIGCONT");
    ending.kill(signal);
    const timer = setTimeout(() => ending.kill("SIGKILL"), STOP_MS);
    const [code] = await exit;
    clearTimeout(timer);
    return code;
  }

  return {
    index,
    get port() {
      return port;
    },
    get pid() {
      return child?.pid ?? null;
    },
    start() {
      starting ??= startSurely().finally(() => {
        starting = null;
      });
      return starting;
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    // It may be gone by the time that it is told.
    skew: (skewMs) => void child?.send({ skewMs }, () => {}),
  };
}

/** What people run, with a clock that we set. */
const ARGUMENTS = ["--import", "./torture/skewedClock.mjs", "dist/main.js"];
