import { randomBytes } from "node:crypto";
import { expect, vi } from "vitest";
import { type Db, openDatabase } from "../../../src/db/database.js";
import { logIn } from "../../auth/startAuth.js";
import { testDatabaseUrl } from "../../support/database.js";
import { CREDENTIALS, newDataDir, startProcess } from "../../support/process.js";
import { callWith, type PaymentsApp } from "../paymentsApp.js";

type Call = PaymentsApp["call"];

export const eventually = <T>(check: () => T | Promise<T>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 50 });

/** All payments by reference: "<reference> <type> <status> <amount now> <asset>", and " was <amount>" of those adjusted. */
export async function paymentsBy(call: Call): Promise<string[]> {
  const { body } = await call("GET", "/payments?pageSize=1000&sort=reference:asc");
  return body.cursor.data.map(
    // biome-ignore lint/suspicious/noExplicitAny: an answer.
    ({ reference, type, status, amount, asset, initialAmount, adjustments }: any) =>
      [reference, type, status, amount, asset]
        .concat(adjustments.length === 0 ? [] : ["was", initialAmount])
        .join(" "),
  );
}

/** "<key of the descriptor> <status> <error>" of all tasks but those that are well. */
export async function troublesOf(call: Call, connector: string): Promise<string[]> {
  const { body } = await call("GET", `/connectors/${connector}/tasks?pageSize=1000`);
  return body.cursor.data
    .filter(({ error }: { error: string }) => error !== "")
    .map(
      // biome-ignore lint/suspicious/noExplicitAny: an answer.
      ({ descriptor, status, error }: any) => `${descriptor.key} ${status} ${error}`,
    );
}

/** How many events payments have made. */
export const eventsOf = async (db: Db): Promise<number> =>
  Number((await db("payments_head").first()).next_event);

/** Processes on one database of their own. */
export async function startProcesses(variables: NodeJS.ProcessEnv) {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url, poolSize: 2 });
  const env = {
    ...{ DATABASE_URL: url, PORT: "0", DATABASE_POOL_SIZE: "5" },
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
    BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
    ...variables,
  };
  const start = async () => {
    const app = await startProcess({ env: { ...env, DATA_DIR: await newDataDir() } });
    return { ...app, call: callWith(app.url, await logIn(`${app.url}/api/auth`, CREDENTIALS)) };
  };
  return { db, start };
}

/** Waits until at least `count` payments are stored. */
export const reach = (db: Db, count: number) =>
  eventually(async () => expect((await db("payments")).length).toBeGreaterThanOrEqual(count));
