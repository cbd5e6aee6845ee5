import { ok } from "../../../lib/result.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { ProviderError } from "../connector.js";
import { endpointOf } from "../endpoint.js";
import { memberOf, textOf } from "../json.js";
import { modulrClient } from "./client.js";
import { currencyOf, toPayment } from "./payment.js";
import type { ModulrCredentials } from "./sign.js";

export interface ModulrConfig extends ModulrCredentials {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly pollingMs: number;
}

interface ModulrTask extends Descriptor {
  readonly key: "main" | "fetch-accounts" | "fetch-transactions";
  readonly accountID: string;
}

/** What a task leaves behind: the page to go on with; nothing once it has read all. */
interface Place {
  readonly page?: number;
}

type Routine = TaskRoutine<ModulrConfig, ModulrTask>;

export const modulr: Connector<ModulrConfig, ModulrTask> = {
  provider: "MODULR",
  fields: [
    { name: "apiKey", kind: "string", isRequired: true, isSecret: true },
    { name: "apiSecret", kind: "string", isRequired: true, isSecret: true },
    { name: "endpoint", kind: "string", isRequired: false },
    {
      ...{ name: "pollingPeriod", kind: "duration ns", isRequired: false },
      fallback: 120_000_000_000n,
    },
  ],
  parse(values, { apiUrl }) {
    const endpoint = endpointOf(String(values["endpoint"]), { ...PLACES, apiUrl });
    if (!endpoint.ok) return endpoint;
    return ok({
      apiKey: String(values["apiKey"]),
      apiSecret: String(values["apiSecret"]),
      endpoint: endpoint.value,
      pollingMs: Number(values["pollingPeriod"]) / 1e6,
    });
  },
  maxTasks: 50,
  // Modulr bears 8000 requests in 10 minutes, and 4 million in a week.
  http: ({ endpoint }) => ({ baseUrl: endpoint, perSecond: 6 }),
  first: () => [
    {
      name: "Main task to periodically fetch accounts and transactions",
      ...{ key: "main", accountID: "" },
    },
  ],
  taskOf: ({ key }) => ROUTINES[key],
};

const PLACES = {
  usual: "https://api-sandbox.modulrfinance.com/api-sandbox-token",
  hosts: ["api-sandbox.modulrfinance.com", "api.modulrfinance.com"],
};

const ROUTINES: Readonly<Record<ModulrTask["key"], Routine>> = {
  main: {
    every: ({ pollingMs }) => pollingMs,
    async *run() {
      yield { spawn: [FETCH_ACCOUNTS] };
    },
  },
  "fetch-accounts": {
    every: () => null,
    async *run(context) {
      const { page = 0 } = (context.state ?? {}) as Place;
      for await (const { items, next } of modulrClient(context).pages("/accounts", page)) {
        const ids = items.map((account) => textOf(memberOf(account, "id")));
        yield {
          spawn: ids.filter((id) => id !== "").map(fetchTransactions),
          problems: ids.includes("") ? ["an account has no id"] : [],
          state: placeAt(next),
        };
      }
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run(context) {
      const { accountID } = context.descriptor;
      const { page = 0 } = (context.state ?? {}) as Place;
      const client = modulrClient(context);
      const path = `/accounts/${encodeURIComponent(accountID)}/transactions`;
      let accountCurrency = "";
      for await (const { items, next } of client.pages(path, page)) {
        if (accountCurrency === "" && items.some((it) => currencyOf(it) === "")) {
          accountCurrency = await client.currencyOf(accountID).catch(toNone);
        }
        const payments = items.map((it) => toPayment(it, accountCurrency));
        yield {
          payments: payments.flatMap((it) => (it.ok ? [it.value] : [])),
          problems: payments.flatMap((it) => (it.ok ? [] : [it.failure])),
          state: placeAt(next),
        };
      }
    },
  },
};

const FETCH_ACCOUNTS: ModulrTask = {
  name: "Fetch users from client",
  ...{ key: "fetch-accounts", accountID: "" },
};

const fetchTransactions = (accountID: string): ModulrTask => ({
  name: "Fetch transactions from client by account",
  ...{ key: "fetch-transactions", accountID },
});

const placeAt = (page: number | null): Place => (page === null ? {} : { page });

/** Whoever lacks it is named in the task's error, and is asked about again in the next period. */
function toNone(error: unknown): string {
  if (error instanceof ProviderError) return "";
  throw error;
}
