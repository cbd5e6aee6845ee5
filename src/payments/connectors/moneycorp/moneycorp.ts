import { type ClientConfig, clientFields, parseClient } from "../clientConfig.js";
import type { Connector, Descriptor, HttpRequest, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { listAt } from "../json.js";
import { readPayments } from "../readPayments.js";
import { spawnAgain } from "../spawnAgain.js";
import { spawnEach } from "../spawnEach.js";
import { logIn } from "./logIn.js";
import { idOf, toPayment } from "./toPayment.js";

interface MoneycorpTask extends Descriptor {
  readonly key: "main" | "fetch-accounts" | "fetch-transactions";
  readonly accountID: string;
}

type Routine = TaskRoutine<ClientConfig, MoneycorpTask>;
type RunContext = Parameters<Routine["run"]>[0];

const HOSTS = ["corpapi.moneycorp.com", "sandbox-corpapi.moneycorp.com"];

/** Moneycorp: transactions of all accounts of a client. */
export const moneycorp: Connector<ClientConfig, MoneycorpTask> = {
  provider: "MONEYCORP",
  fields: clientFields,
  parse: (values, { apiUrl }) => parseClient(values, { hosts: HOSTS, apiUrl }),
  maxTasks: 50,
  http: (config) => ({ baseUrl: config.endpoint, logIn: (http) => logIn(http, config) }),
  first: () => [task("Main task to periodically fetch accounts and transactions", "main")],
  taskOf: ({ key }) => ROUTINES[key],
};

const task = (name: string, key: MoneycorpTask["key"], accountID = ""): MoneycorpTask => ({
  ...{ name, key, accountID },
});

const ROUTINES: Readonly<Record<MoneycorpTask["key"], Routine>> = {
  main: spawnAgain(task("Fetch accounts from client", "fetch-accounts")),
  "fetch-accounts": {
    every: () => null,
    async *run(context) {
      for await (const { items, state } of pagesOf(context, { path: "/accounts?" }))
        yield { ...spawnEach(items, EACH_ACCOUNT), state };
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run(context) {
      const list = `/accounts/${encodeURIComponent(context.descriptor.accountID)}/transactions/find`;
      const find = {
        ...({ method: "POST", path: `${list}?sortBy=createdAt.asc&`, isRepeatable: true } as const),
        headers: { "content-type": "application/json" },
      };
      for await (const { items, state } of pagesOf(context, find))
        yield { ...readPayments(items, idOf, toPayment), state };
    },
  },
};

const EACH_ACCOUNT = {
  ...{ key: "id", problem: "an account has no id" },
  task: (accountID: string): MoneycorpTask =>
    task("Fetch transactions from client by account", "fetch-transactions", accountID),
};

/**
 * Of the list that `request` asks for, all but the page. They may be smaller than is asked for: an empty one is the end.
 */
const pagesOf = ({ http, state }: RunContext, request: HttpRequest) =>
  eachPage(
    async (page) => {
      const path = `${request.path}page%5Bsize%5D=100&page%5Bnumber%5D=${page}`;
      const { value } = await http.json({ ...request, path });
      return { items: listAt(value, "data") };
    },
    { first: 0, state },
  );
