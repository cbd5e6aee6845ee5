import { type ClientConfig, clientFields, parseClient } from "../clientConfig.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { listAt } from "../json.js";
import { readPayments } from "../readPayments.js";
import { spawnAgain } from "../spawnAgain.js";
import { spawnEach } from "../spawnEach.js";
import { logIn } from "./logIn.js";
import { idOf, toPayment } from "./toPayment.js";

interface MangopayTask extends Descriptor {
  readonly key: "main" | "fetch-users" | "fetch-transactions";
  readonly userID: string;
  /** Means nothing, but is part of the task's identity. */
  readonly pollingPeriod: { readonly duration: 0 };
}

type Routine = TaskRoutine<ClientConfig, MangopayTask>;
type RunContext = Parameters<Routine["run"]>[0];

const HOSTS = ["api.mangopay.com", "api.sandbox.mangopay.com"];

/** Mangopay: payments of all users of a client. */
export const mangopay: Connector<ClientConfig, MangopayTask> = {
  provider: "MANGOPAY",
  fields: clientFields,
  parse: (values, { apiUrl }) => parseClient(values, { hosts: HOSTS, apiUrl }),
  maxTasks: 50,
  http: (config) => ({ baseUrl: config.endpoint, logIn: (http) => logIn(http, config) }),
  first: () => [task("Main task to periodically fetch users and transactions", "main")],
  taskOf: ({ key }) => ROUTINES[key],
};

const task = (name: string, key: MangopayTask["key"], userID = ""): MangopayTask => ({
  ...{ name, key, userID, pollingPeriod: { duration: 0 } },
});

const ROUTINES: Readonly<Record<MangopayTask["key"], Routine>> = {
  main: spawnAgain(task("Fetch users from client", "fetch-users")),
  "fetch-users": {
    every: () => null,
    async *run(context) {
      for await (const { items, state } of pagesOf(context, "/users"))
        yield { ...spawnEach(items, EACH_USER), state };
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run(context) {
      const path = `/users/${encodeURIComponent(context.descriptor.userID)}/transactions`;
      for await (const { items, state } of pagesOf(context, path))
        yield { ...readPayments(items, idOf, toPayment), state };
    },
  },
};

const EACH_USER = {
  ...{ key: "Id", problem: "a user has no Id" },
  task: (userID: string): MangopayTask =>
    task("Fetch transactions from client by user", "fetch-transactions", userID),
};

/** Of the client's list at `path`. */
function pagesOf({ http, config, state }: RunContext, path: string) {
  const list = `/v2.01/${encodeURIComponent(config.clientId)}${path}`;
  return eachPage(
    async (page) => {
      const { value } = await http.json({ path: `${list}?per_page=100&page=${page}` });
      return { items: listAt(value) };
    },
    { first: 1, state },
  );
}
