import { createServer } from "node:http";
import type { Instant } from "../../src/lib/failpoint.js";
import { onLoopback } from "./onLoopback.js";

/** Where a server process waits for us at each instant. */
export interface Instants {
  /** What starts a server that tells of its instants, and its environment's part in it. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /**
   * Runs `strike` when `ledger` reaches `instant` the next time, `after` more times at first, while the process waits
   * there. Resolves when `strike` is over.
   */
  at(instant: Instant, ledger: string, after: number, strike: () => Promise<void>): Promise<void>;
}

export async function listenForInstants(): Promise<Instants> {
  const armed = new Map<string, (left: () => void) => Promise<void>>();
  const server = createServer(async (request, response) => {
    await armed.get(request.url ?? "")?.(() => armed.delete(request.url ?? ""));
    response.end();
  });
  const address = await onLoopback(server);
  return {
    command: [process.execPath, "--import", "./test/support/reportInstants.mjs", "dist/main.js"],
    env: { INSTANTS_URL: `http://${address}` },
    at(instant, ledger, after, strike) {
      let left = after;
      return new Promise((resolve, reject) => {
        armed.set(`/${instant}/${ledger}`, async (disarm) => {
          if (left-- > 0) return;
          disarm();
          await strike().then(resolve, reject);
        });
      });
    },
  };
}
