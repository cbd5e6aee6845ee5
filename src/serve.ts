import { setFlagsFromString } from "node:v8";
import { startApp } from "./app.js";
import { loadConfig } from "./config.js";
import { greeting } from "./greet.js";
import { createLogger } from "./logger.js";

/** Runs the server until it is told to stop. */
export async function serve(): Promise<void> {
  // Batches outlive collections of young objects; code that makes them is also run for single calls. Made in the old
  // generation, those would keep alive what they refer to.
  setFlagsFromString("--no-allocation-site-pretenuring");
  const config = loadConfig(process.env);
  const logger = createLogger(config);
  if (!config.authEnabled) {
    logger.warn("AUTH_ENABLED=false: Ledger and Payments are open to whoever reaches the port");
  }
  const app = await startApp(config, logger);
  console.log(greeting(config, app));
  let stoppingSince: number | null = null;
  const stop = () => {
    if (stoppingSince !== null) {
      // Who asks again does not want to wait. But npm passes on what the terminal has sent to us as well.
      if (performance.now() - stoppingSince > REPEAT_MS) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    logger.info("stopping");
    app.stop().catch((error) => {
      logger.fatal({ err: error }, "did not stop cleanly");
      process.exit(1);
    });
  };
  for (const signal of SIGNALS) process.on(signal, stop);
}

/** A signal that comes again within this time is the same one. */
const REPEAT_MS = 1_000;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
