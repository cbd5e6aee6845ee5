import { ok } from "../../../lib/result.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { endpointOf } from "../endpoint.js";
import { listAt, textAt } from "../json.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { readPayments } from "../readPayments.js";
import { spawnAgain } from "../spawnAgain.js";
import { logIn } from "./logIn.js";
import { idOf, toPayment } from "./toPayment.js";

export interface CurrencyCloudConfig {
  readonly loginId: string;
  readonly apiKey: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly pollingMs: number;
}

interface CurrencyCloudTask extends Descriptor {
  readonly key: "main" | "fetch-transactions";
}

type Routine = TaskRoutine<CurrencyCloudConfig, CurrencyCloudTask>;

const DEMO = "https://devapi.currencycloud.com";
const PLACES = { usual: DEMO, hosts: ["devapi.currencycloud.com", "api.currencycloud.com"] };

const MINUTE_MS = 60_000;

/** Currencycloud: the transactions of one login. */
export const currencyCloud: Connector<CurrencyCloudConfig, CurrencyCloudTask> = {
  provider: "CURRENCY-CLOUD",
  fields: [
    { name: "apiKey", kind: "string", isRequired: true, isSecret: true },
    { name: "loginID", kind: "string", isRequired: true },
    { name: "endpoint", kind: "string", isRequired: false },
    pollingPeriod,
  ],
  parse(values, { apiUrl }) {
    const endpoint = endpointOf(String(values["endpoint"]), { ...PLACES, apiUrl });
    if (!endpoint.ok) return endpoint;
    return ok({
      ...{ loginId: String(values["loginID"]), apiKey: String(values["apiKey"]) },
      ...{ endpoint: endpoint.value, pollingMs: toMs(values["pollingPeriod"]) },
    });
  },
  maxTasks: 50,
  http: (config) => ({
    baseUrl: config.endpoint,
    // It bears 500 requests in a minute, and 150 where one tries things.
    perSecond: config.endpoint === DEMO ? 2 : 8,
    tooManyRestsMs: MINUTE_MS,
    logIn: (http) => logIn(http, config),
    // Four refused logins lock the account.
    refusedLoginRestsMs: 60 * MINUTE_MS,
  }),
  first: () => [{ name: "Main task to periodically fetch users and transactions", key: "main" }],
  taskOf: ({ key }) => ROUTINES[key],
};

const ROUTINES: Readonly<Record<CurrencyCloudTask["key"], Routine>> = {
  main: spawnAgain({ name: "Fetch transactions from client", key: "fetch-transactions" }),
  "fetch-transactions": {
    every: () => null,
    async *run({ http, state }) {
      // Oldest first: what is new comes at the end, and no page changes its place.
      const list = "/v2/transactions/find?order=created_at&order_asc_desc=asc";
      const pages = eachPage(
        async (page) => {
          const { value } = await http.json({ path: `${list}&page=${page}` });
          const next = Number(textAt(value, "pagination", "next_page"));
          return { items: listAt(value, "transactions"), isLast: !(next > page) };
        },
        { first: 1, state },
      );
      for await (const { items, state: left } of pages)
        yield { ...readPayments(items, idOf, toPayment), state: left };
    },
  },
};
