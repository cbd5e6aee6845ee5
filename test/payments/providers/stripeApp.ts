import { randomBytes } from "node:crypto";
import { expect, onTestFinished, vi } from "vitest";
import { type Db, openDatabase } from "../../../src/db/database.js";
import { logIn } from "../../auth/startAuth.js";
import { testDatabaseUrl } from "../../support/database.js";
import { freeLeases } from "../../support/freeLeases.js";
import {
  CREDENTIALS,
  newDataDir,
  type ServerProcess,
  startProcess,
} from "../../support/process.js";
import { callWith, type PaymentsApp, startPaymentsApp } from "../paymentsApp.js";
import { type FakeStripe, startStripe } from "./stripe.js";
import { API_KEY } from "./stripeRules.js";

export const STRIPE = "/connectors/STRIPE";

export const eventually = <T>(check: () => T | Promise<T>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 50 });

/** Installs STRIPE, and waits until it has nothing more to ask for: faults then are those of transfers. */
async function installOn(db: Db, call: PaymentsApp["call"], apiKey: string): Promise<void> {
  expect((await call("POST", STRIPE, { apiKey, pollingPeriod: "1h" })).status).toBe(204);
  await eventually(async () =>
    expect(
      await db("connector_tasks").whereRaw("due_at > now() + interval '50 minutes'"),
    ).toHaveLength(1),
  );
}

export interface StripeApp extends PaymentsApp {
  readonly stripe: FakeStripe;
}

/** The whole server with STRIPE installed. */
export async function startStripeApp(apiKey = API_KEY): Promise<StripeApp> {
  const stripe = await startStripe();
  const app = await startPaymentsApp({ STRIPE_API_URL: stripe.url });
  await installOn(app.db, app.call, apiKey);
  return { ...app, stripe };
}

interface Running {
  readonly server: ServerProcess;
  readonly token: string;
  readonly call: PaymentsApp["call"];
}

/** Processes that can be killed, one after the other on the same database; the first has STRIPE installed. */
export async function startStripeProcesses(): Promise<{
  readonly stripe: FakeStripe;
  readonly db: Db;
  readonly first: Running;
  readonly next: () => Promise<Running>;
}> {
  const stripe = await startStripe();
  const databaseUrl = await testDatabaseUrl();
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  onTestFinished(() => db.destroy());
  const env = {
    ...{ DATABASE_URL: databaseUrl, PORT: "0", DATABASE_POOL_SIZE: "5" },
    ...{ STRIPE_API_URL: stripe.url, ENCRYPTION_KEY: randomBytes(32).toString("base64") },
    BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
    BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
  };
  const next = async () => {
    await freeLeases(db);
    const server = await startProcess({ env: { ...env, DATA_DIR: await newDataDir() } });
    const token = await logIn(`${server.url}/api/auth`, CREDENTIALS);
    return { server, token, call: callWith(server.url, token) };
  };
  const first = await next();
  await installOn(db, first.call, API_KEY);
  return { stripe, db, first, next };
}
