import type { Json } from "../../../lib/parseJson.js";
import { fail, ok } from "../../../lib/result.js";
import { allowedUrl } from "../allowedUrl.js";
import type { Connector, Descriptor, Http, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { listAt, readPayments, textAt } from "../readAnswer.js";
import { logIn } from "./logIn.js";
import { idOf, toPayment } from "./toPayment.js";

export interface MangopayConfig {
  readonly clientId: string;
  readonly apiKey: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly pollingMs: number;
}

interface MangopayTask extends Descriptor {
  readonly key: "main" | "fetch-users" | "fetch-transactions";
  readonly userID: string;
  /** Means nothing, but is part of the task's identity. */
  readonly pollingPeriod: { readonly duration: 0 };
}

type Routine = TaskRoutine<MangopayConfig, MangopayTask>;

const OWN_URLS = ["https://api.mangopay.com", "https://api.sandbox.mangopay.com"];

/** Mangopay: payments of all users of a client. */
export const mangopay: Connector<MangopayConfig, MangopayTask> = {
  provider: "MANGOPAY",
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
  first: () => [task("Main task to periodically fetch users and transactions", "main")],
  taskOf: ({ key }) => ROUTINES[key],
};

const task = (name: string, key: MangopayTask["key"], userID = ""): MangopayTask => ({
  ...{ name, key, userID, pollingPeriod: { duration: 0 } },
});

const ROUTINES: Readonly<Record<MangopayTask["key"], Routine>> = {
  main: {
    every: ({ pollingMs }) => pollingMs,
    async *run() {
      yield { spawn: [task("Fetch users from client", "fetch-users")] };
    },
  },
  "fetch-users": {
    every: () => null,
    async *run({ http, config }) {
      for await (const users of pagesOf(http, config, "/users")) {
        const ids = users.map((user) => textAt(user, "Id"));
        yield {
          spawn: ids.filter((id) => id !== "").map(fetchTransactions),
          problems: ids.filter((id) => id === "").map(() => "a user has no Id"),
        };
      }
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run({ http, config, descriptor: { userID } }) {
      const path = `/users/${encodeURIComponent(userID)}/transactions`;
      for await (const transactions of pagesOf(http, config, path))
        yield readPayments(transactions, idOf, toPayment);
    },
  },
};

const fetchTransactions = (userID: string): MangopayTask =>
  task("Fetch transactions from client by user", "fetch-transactions", userID);

/** Of the client's list at `path`. */
function pagesOf(
  http: Http,
  { clientId }: MangopayConfig,
  path: string,
): AsyncGenerator<readonly Json[]> {
  const list = `/v2.01/${encodeURIComponent(clientId)}${path}`;
  return eachPage(
    async (page) => {
      const { value } = await http.json({ path: `${list}?per_page=100&page=${page}` });
      return listAt(value);
    },
    { first: 1 },
  );
}
