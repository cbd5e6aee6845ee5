import { randomUUID } from "node:crypto";
import type { Json } from "../../../lib/parseJson.js";
import { ok } from "../../../lib/result.js";
import type { Connector, Descriptor, Http, TaskRoutine } from "../connector.js";
import { ProviderError } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { endpointOf } from "../endpoint.js";
import { listAt, textAt } from "../json.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { readPayments } from "../readPayments.js";
import { spawnAgain } from "../spawnAgain.js";
import { spawnEach } from "../spawnEach.js";
import { type ModulrCredentials, signedHeaders } from "./sign.js";
import { currencyOf, idOf, toPayment } from "./toPayment.js";

interface ModulrConfig extends ModulrCredentials {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly pollingMs: number;
}

interface ModulrTask extends Descriptor {
  readonly key: "main" | "fetch-accounts" | "fetch-transactions";
  readonly accountID: string;
}

type Routine = TaskRoutine<ModulrConfig, ModulrTask>;

/** The most that Modulr gives in one page. */
const PAGE_SIZE = 500;

const PLACES = {
  usual: "https://api-sandbox.modulrfinance.com/api-sandbox-token",
  hosts: ["api-sandbox.modulrfinance.com", "api.modulrfinance.com"],
};

/** Modulr: transactions of all accounts of a customer. */
export const modulr: Connector<ModulrConfig, ModulrTask> = {
  provider: "MODULR",
  fields: [
    { name: "apiKey", kind: "string", isRequired: true, isSecret: true },
    { name: "apiSecret", kind: "string", isRequired: true, isSecret: true },
    { name: "endpoint", kind: "string", isRequired: false },
    pollingPeriod,
  ],
  parse(values, { apiUrl }) {
    const endpoint = endpointOf(String(values["endpoint"]), { ...PLACES, apiUrl });
    if (!endpoint.ok) return endpoint;
    return ok({
      ...{ apiKey: String(values["apiKey"]), apiSecret: String(values["apiSecret"]) },
      ...{ endpoint: endpoint.value, pollingMs: toMs(values["pollingPeriod"]) },
    });
  },
  maxTasks: 50,
  // Modulr bears 8000 requests in 10 minutes, and 4 million in a week.
  http: (config) => ({
    ...{ baseUrl: config.endpoint, perSecond: 6 },
    headers: () => headersOf(config),
  }),
  first: () => [task("Main task to periodically fetch accounts and transactions", "main")],
  taskOf: ({ key }) => ROUTINES[key],
};

/** The sandbox has a place that takes keys as they are; elsewhere each request is signed. */
const headersOf = (config: ModulrConfig): Readonly<Record<string, string>> =>
  config.endpoint.endsWith("-token")
    ? { authorization: config.apiKey }
    : signedHeaders(config, { date: new Date().toUTCString(), nonce: randomUUID() });

const task = (name: string, key: ModulrTask["key"], accountID = ""): ModulrTask => ({
  ...{ name, key, accountID },
});

const ROUTINES: Readonly<Record<ModulrTask["key"], Routine>> = {
  main: spawnAgain(task("Fetch users from client", "fetch-accounts")),
  "fetch-accounts": {
    every: () => null,
    async *run({ http, state }) {
      for await (const { items, state: left } of pagesOf(http, "/accounts", state))
        yield { ...spawnEach(items, EACH_ACCOUNT), state: left };
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run({ http, state, descriptor: { accountID } }) {
      const account = `/accounts/${encodeURIComponent(accountID)}`;
      let currency = "";
      for await (const { items, state: left } of pagesOf(http, `${account}/transactions`, state)) {
        if (currency === "" && items.some((item) => currencyOf(item) === ""))
          currency = await fetchCurrency(http, account);
        yield { ...readPayments(items, idOf, (item) => toPayment(item, currency)), state: left };
      }
    },
  },
};

const EACH_ACCOUNT = {
  ...{ key: "id", problem: "an account has no id" },
  task: (accountID: string): ModulrTask =>
    task("Fetch transactions from client by account", "fetch-transactions", accountID),
};

/** Of the list at `path`. Where Modulr does not say how many there are, they end with an empty one. */
const pagesOf = (http: Http, path: string, state: unknown) =>
  eachPage(
    async (page) => {
      const { value } = await http.json({ path: `${path}?page=${page}&size=${PAGE_SIZE}` });
      const pages = textAt(value, "totalPages");
      return { items: listAt(value, "content"), isLast: pages !== "" && page + 1 >= Number(pages) };
    },
    { first: 0, state },
  );

/** Of an account; "" if Modulr does not say: whatever lacks it is named in the task's error, and asked about again. */
async function fetchCurrency(http: Http, path: string): Promise<string> {
  try {
    const { value }: { readonly value: Json } = await http.json({ path });
    return textAt(value, "currency");
  } catch (error) {
    if (error instanceof ProviderError) return "";
    throw error;
  }
}
