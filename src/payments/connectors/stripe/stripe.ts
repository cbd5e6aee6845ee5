import { ok } from "../../../lib/result.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { createStripeClient } from "./client.js";
import { follow } from "./follow.js";
import type { Timeline } from "./timeline.js";

export interface StripeConfig {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly pollingMs: number;
  /** What Stripe allows: 1 to 100. */
  readonly pageSize: number;
}

/** Follows the key's own account, or a connected one. */
interface StripeTask extends Descriptor {
  readonly main?: true;
  readonly account?: string;
  readonly transferID: string;
}

const MINUTE_NS = 60_000_000_000n;
const MOST_PER_PAGE = 100n;

const NO_TRANSFER = "00000000-0000-0000-0000-000000000000";

/** The balance transactions of a Stripe account, and of the connected accounts that it has paid. */
export const stripe: Connector<StripeConfig, StripeTask> = {
  provider: "STRIPE",
  fields: [
    {
      ...{ name: "apiKey", kind: "string", isRequired: true, isSecret: true },
      complaint: "missing api key",
    },
    { name: "pollingPeriod", kind: "duration ns", isRequired: false, fallback: 2n * MINUTE_NS },
    { name: "pageSize", kind: "unsigned integer", isRequired: false, fallback: 10n },
  ],
  parse({ apiKey, pollingPeriod, pageSize }, { apiUrl }) {
    const asked = BigInt(pageSize ?? 0);
    return ok({
      baseUrl: apiUrl ?? "https://api.stripe.com",
      apiKey: String(apiKey),
      pollingMs: Number(pollingPeriod) / 1e6,
      pageSize: Number(asked < 1n ? 1n : asked > MOST_PER_PAGE ? MOST_PER_PAGE : asked),
    });
  },
  maxTasks: 50,
  http: ({ baseUrl }) => ({ baseUrl }),
  first: () => [
    {
      name: "Main task to periodically fetch transactions",
      ...{ main: true, transferID: NO_TRANSFER },
    },
  ],
  taskOf: () => FOLLOW,
};

const accountTask = (account: string): StripeTask => ({
  name: "Fetch balance transactions for a specific connected account",
  ...{ account, transferID: NO_TRANSFER },
});

const FOLLOW: TaskRoutine<StripeConfig, StripeTask> = {
  every: ({ pollingMs }) => pollingMs,
  async *run({ config, descriptor, state, http, clock }) {
    const { account } = descriptor;
    const client = createStripeClient(http, { ...config, account });
    for await (const { heard, timeline } of follow(
      client,
      state as Timeline | undefined,
      clock(),
    )) {
      const { payments, adjustments, problems, accounts } = heard;
      // Whom a connected account pays is none of the key's business.
      const spawn = account === undefined ? accounts.map(accountTask) : [];
      yield { payments, adjustments, problems, spawn, state: timeline };
    }
  },
};
