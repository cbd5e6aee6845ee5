import { expect } from "vitest";
import type { Db } from "../../../src/db/database.js";
import { freeLeases } from "../../support/freeLeases.js";
import { type PaymentsApp, startPaymentsApp } from "../paymentsApp.js";
import { paymentsProcesses } from "../processes.js";
import { eventually } from "./stage.js";
import { type FakeStripe, startStripe } from "./stripe.js";
import { API_KEY } from "./stripeRules.js";

export const STRIPE = "/connectors/STRIPE";

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
export async function startStripeApp(
  apiKey = API_KEY,
  variables: NodeJS.ProcessEnv = {},
): Promise<StripeApp> {
  const stripe = await startStripe();
  const app = await startPaymentsApp({ STRIPE_API_URL: stripe.url, ...variables });
  await installOn(app.db, app.call, apiKey);
  return { ...app, stripe };
}

/** Processes that can be killed, one after the other on the same database; the first has STRIPE installed. */
export async function startStripeProcesses() {
  const stripe = await startStripe();
  const { db, start } = await paymentsProcesses({ STRIPE_API_URL: stripe.url });
  const first = await start();
  await installOn(db, first.call, API_KEY);
  const next = async () => {
    await freeLeases(db);
    return start();
  };
  return { stripe, db, first, next };
}
