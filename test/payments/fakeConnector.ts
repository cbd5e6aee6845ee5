import { onTestFinished } from "vitest";
import type { Db } from "../../src/db/database.js";
import { ok } from "../../src/lib/result.js";
import { systemClock } from "../../src/lib/time.js";
import type {
  AnyConnector,
  Connector,
  Descriptor,
  Page,
  TaskContext,
} from "../../src/payments/connectors/connector.js";
import { installConnector } from "../../src/payments/installConnector.js";
import {
  createPayments,
  type Payments,
  type PaymentsOptions,
} from "../../src/payments/payments.js";
import { keptLogger } from "../support/evidence.js";

export interface FakeTask extends Descriptor {
  /** Milliseconds between two runs; absent: it runs once. */
  readonly every?: number;
}

export type Context = TaskContext<{ apiKey: string }, FakeTask>;
type Run = (context: Context) => AsyncGenerator<Page<FakeTask>>;

/** A connector whose tasks do what `run` does. */
export const fakeConnector = (
  first: readonly FakeTask[],
  run: Run,
  options: Partial<Connector<{ apiKey: string }, FakeTask>> = {},
): AnyConnector => ({
  provider: "STRIPE",
  fields: [{ name: "apiKey", kind: "string", isRequired: true, isSecret: true }],
  parse: ({ apiKey }) => ok({ apiKey: String(apiKey) }),
  maxTasks: 10,
  first: () => first,
  taskOf: ({ every }: FakeTask) => ({ every: () => every ?? null, run }),
  ...options,
});

const ENCRYPTION_KEYS = [Buffer.alloc(32, 7)] as const;

/** Payments as one process has them. They are closed when the test is over. */
export function paymentsOf(
  db: Db,
  connectors: readonly AnyConnector[],
  options: Partial<PaymentsOptions> = {},
): Payments {
  const payments = createPayments({
    ...{
      db,
      connectors,
      clock: systemClock,
      logger: keptLogger(),
    },
    ...{ encryptionKeys: ENCRYPTION_KEYS, showsSecrets: false, hasSinks: true, pollMs: 20 },
    settingsOf: () => ({ apiUrl: null, filesRoot: "/nowhere" }),
    ...options,
  });
  onTestFinished(() => payments.close());
  return payments;
}

export const install = (payments: Payments, provider = "STRIPE") =>
  installConnector(payments, provider, { apiKey: "sk_test_0123456789" });
