import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { expect } from "vitest";
import { testDatabaseUrl } from "../support/database.js";
import { freshFolder } from "../support/freshFolder.js";
import { startProcess } from "../support/process.js";
import { meetNeighbour } from "./neighbour.js";

export interface Victim {
  readonly url: string;
  readonly port: number;
  /**
   * Attacks, while somebody else goes on asking: who must be answered all the time. Tells by how many megabytes the
   * server's memory has grown meanwhile.
   */
  endure(attack: () => Promise<unknown>): Promise<number>;
  /** That it stops when told to, though nobody has hung up: in good order and before it cuts anybody off. */
  stop(): Promise<void>;
}

/** A whole server in a process of its own, open to all, with its usual limits. */
export async function startVictim(): Promise<Victim> {
  const { url, pid, end } = await startProcess({
    env: {
      PORT: "0",
      HOST: "127.0.0.1",
      DATABASE_URL: await testDatabaseUrl(),
      DATA_DIR: await freshFolder(),
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      AUTH_ENABLED: "false",
      LOG_LEVEL: "error",
    },
  });
  const memory = async () => {
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout) / 1024;
  };
  return {
    url,
    port: Number(new URL(url).port),
    async endure(attack) {
      const neighbour = await meetNeighbour(url);
      const before = await memory();
      await attack();
      await neighbour.leave();
      return (await memory()) - before;
    },
    async stop() {
      expect(await end("SIGTERM")).toBe(0);
    },
  };
}

const run = promisify(execFile);
