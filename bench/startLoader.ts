import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { OpenJob, Order } from "./job.js";
import type { Outcome } from "./load.js";
import type { OpenOutcome } from "./openLoad.js";

/** A process that carries out one order after the other. */
export interface Loader {
  readonly pid: number;
  run(order: Order): Promise<Outcome>;
  runOpen(order: Order<OpenJob>): Promise<OpenOutcome>;
  stop(): void;
}

/** It uses all cores, or the one of number `core`. */
export function startLoader(core?: number): Loader {
  const child = fork("bench/loader.ts", {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
  });
  if (core !== undefined) spawnSync("taskset", ["-acp", `${core}`, `${child.pid}`]);
  process.once("exit", () => child.kill());
  const gone = once(child, "exit").then(() => {
    throw new Error("the process that makes the load ended");
  });
  // Nobody waits for it when it is told to stop.
  gone.catch(() => {});
  const carryOut = async (order: Order | Order<OpenJob>) => {
    child.send(order);
    const [outcome] = await Promise.race([once(child, "message"), gone]);
    return outcome;
  };
  return {
    pid: child.pid ?? 0,
    run: carryOut,
    runOpen: carryOut,
    stop: () => child.disconnect(),
  };
}
