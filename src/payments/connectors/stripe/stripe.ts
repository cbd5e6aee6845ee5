import { ok } from "../../../lib/result.js";
import type { Connector, TaskRoutine } from "../connector.js";
import { createStripeClient } from "./client.js";
import type { StripeConfig } from "./config.js";
import { follow } from "./follow.js";
import { accountTask, isTransfer, mainTask, type StripeTask } from "./task.js";
import type { Timeline } from "./timeline.js";
import { TRANSFER, transfers } from "./transfers.js";

const MINUTE_NS = 60_000_000_000n;
const MOST_PER_PAGE = 100n;

/** The balance transactions of a Stripe account, and of the connected accounts that it has paid; and transfers to those. */
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
  first: () => [mainTask],
  taskOf: (task) => (isTransfer(task) ? TRANSFER : FOLLOW),
  transfers,
};

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
