import type { Json } from "../../../lib/parseJson.js";
import { fail, ok } from "../../../lib/result.js";
import { allowedUrl } from "../allowedUrl.js";
import type { Connector, Descriptor, HttpRequest, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { listAt, readPayments, textAt } from "../readAnswer.js";
import { logIn } from "./logIn.js";
import { idOf, toPayment } from "./toPayment.js";

export interface MoneycorpConfig {
  readonly clientId: string;
  readonly apiKey: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly pollingMs: number;
}

interface MoneycorpTask extends Descriptor {
  readonly key: "main" | "fetch-accounts" | "fetch-transactions";
  readonly accountID: string;
}

type Routine = TaskRoutine<MoneycorpConfig, MoneycorpTask>;
type RunContext = Parameters<Routine["run"]>[0];

const OWN_URLS = ["https://corpapi.moneycorp.com", "https://sandbox-corpapi.moneycorp.com"];

const PAGE_SIZE = 100;

/** Moneycorp: transactions of all accounts of a client. */
export const moneycorp: Connector<MoneycorpConfig, MoneycorpTask> = {
  provider: "MONEYCORP",
  fields: [
    { name: "clientID", kind: "string", isRequired: true },
    { name: "apiKey", kind: "string", isRequired: true, isSecret: true },
    { name: "endpoint", kind: "string", isRequired: true },
    pollingPeriod,
  ],
  parse(values, { apiUrl }) {
    const endpoint = allowedUrl("endpoint", String(values["endpoint"]), OWN_URLS, apiUrl);
    if (!endpoint.ok) return fail(endpoint.failure);
    return ok({
      ...{ clientId: String(values["clientID"]), apiKey: String(values["apiKey"]) },
      ...{ endpoint: endpoint.value, pollingMs: toMs(values["pollingPeriod"]) },
    });
  },
  maxTasks: 50,
  http: (config) => ({ baseUrl: config.endpoint, logIn: (http) => logIn(http, config) }),
  first: () => [task("Main task to periodically fetch accounts and transactions", "main")],
  taskOf: ({ key }) => ROUTINES[key],
};

const task = (name: string, key: MoneycorpTask["key"], accountID = ""): MoneycorpTask => ({
  ...{ name, key, accountID },
});

const ROUTINES: Readonly<Record<MoneycorpTask["key"], Routine>> = {
  main: {
    every: ({ pollingMs }) => pollingMs,
    async *run() {
      yield { spawn: [task("Fetch accounts from client", "fetch-accounts")] };
    },
  },
  "fetch-accounts": {
    every: () => null,
    async *run(context) {
      for await (const accounts of pagesOf(context, { path: "/accounts" })) {
        const ids = accounts.map((account) => textAt(account, "id"));
        yield {
          spawn: ids.filter((id) => id !== "").map(fetchTransactions),
          problems: ids.filter((id) => id === "").map(() => "an account has no id"),
        };
      }
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run(context) {
      const path = `/accounts/${encodeURIComponent(context.descriptor.accountID)}/transactions/find`;
      const headers = { "content-type": "application/json" };
      const find = { path, headers, method: "POST", isRepeatable: true } as const;
      for await (const transactions of pagesOf(context, find))
        yield readPayments(transactions, idOf, toPayment);
    },
  },
};

const fetchTransactions = (accountID: string): MoneycorpTask =>
  task("Fetch transactions from client by account", "fetch-transactions", accountID);

/** Of the list that `request` asks for. */
const pagesOf = ({ http }: RunContext, request: HttpRequest): AsyncGenerator<readonly Json[]> =>
  eachPage(
    async (page) => {
      const query = `page%5Bsize%5D=${PAGE_SIZE}&page%5Bnumber%5D=${page}&sortBy=createdAt.asc`;
      const { value } = await http.json({ ...request, path: `${request.path}?${query}` });
      return listAt(value, "data");
    },
    { first: 0, full: PAGE_SIZE },
  );
