import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { type Db, openDatabase } from "../../src/db/database.js";
import { logIn } from "../auth/startAuth.js";
import { testDatabaseUrl } from "../support/database.js";
import { CREDENTIALS, newDataDir, type ServerProcess, startProcess } from "../support/process.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { callWith, type PaymentsApp } from "./paymentsApp.js";

export interface PaymentsProcess extends ServerProcess {
  /** Of the first client. */
  readonly token: string;
  readonly call: PaymentsApp["call"];
}

export interface Processes {
  readonly db: Db;
  /** Hears of their events. */
  readonly receiver: Receiver;
  /** Starts one, beside those that run. */
  start(): Promise<PaymentsProcess>;
}

export const sinkAt = ({ url }: Receiver): NodeJS.ProcessEnv => ({
  ...{ EVENTS_HTTP_URL: url, EVENTS_HTTP_SECRET: "x".repeat(24) },
});

/** Servers in processes of their own, which may be killed, on one database. */
export async function paymentsProcesses(variables: NodeJS.ProcessEnv): Promise<Processes> {
  const [databaseUrl, receiver] = [await testDatabaseUrl(), await startReceiver()];
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  onTestFinished(() => db.destroy());
  const env = {
    ...{ DATABASE_URL: databaseUrl, PORT: "0", DATABASE_POOL_SIZE: "5" },
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
    BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
    ...{ ...sinkAt(receiver), ...variables },
  };
  return {
    ...{ db, receiver },
    async start() {
      const server = await startProcess({ env: { ...env, DATA_DIR: await newDataDir() } });
      const token = await logIn(`${server.url}/api/auth`, CREDENTIALS);
      return { ...server, token, call: callWith(server.url, token) };
    },
  };
}
