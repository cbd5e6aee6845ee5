/** What a step learns of the steps before it, by name. */
export type Known = Readonly<Record<string, string>>;

/** One call of an operation, and what later steps need to know of its answer. */
export interface Step {
  readonly operationId: string;
  readonly parameters?: (known: Known) => Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is JSON, whose form the document tells.
  readonly learn?: (answer: any) => Known;
  /** How many events of a stream are read. */
  readonly events?: number;
  /** Asked again until the answer has something to show. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly until?: (answer: any) => boolean;
}

const main = () => ({ ledger: "main" });
const sale = {
  postings: [
    { source: "world", destination: "users:alice", amount: 5000, asset: "EUR/2" },
    { source: "users:alice", destination: "shops:7", amount: 1999, asset: "EUR/2" },
  ],
  metadata: { order: "1001" },
};
const transfer = (amount: number) => ({
  postings: [{ source: "users:alice", destination: "users:bob", amount, asset: "EUR/2" }],
});

const ledger: readonly Step[] = [
  { operationId: "createTransaction", parameters: main, body: sale },
  {
    operationId: "CreateTransactions",
    parameters: main,
    body: { transactions: [transfer(100), transfer(250)] },
  },
  { operationId: "getTransaction", parameters: () => ({ ledger: "main", txid: 0 }) },
  {
    operationId: "addMetadataOnTransaction",
    parameters: () => ({ ledger: "main", txid: 0 }),
    body: { invoice: "2023-118" },
  },
  { operationId: "revertTransaction", parameters: () => ({ ledger: "main", txid: 1 }) },
  {
    operationId: "runScript",
    parameters: main,
    body: {
      plain:
        "vars { monetary $price }\nsend $price (\n  source = @users:alice\n  destination = { 10% to @fees  remaining to @shops:7 }\n)",
      vars: { price: { asset: "EUR/2", amount: 1000 } },
    },
  },
  { operationId: "listTransactions", parameters: () => ({ ledger: "main", pageSize: 2 }) },
  { operationId: "countTransactions", parameters: main },
  {
    operationId: "addMetadataToAccount",
    parameters: () => ({ ledger: "main", address: "users:alice" }),
    body: { tier: "gold" },
  },
  {
    operationId: "getAccount",
    parameters: () => ({ ledger: "main", address: "users:alice" }),
  },
  { operationId: "listAccounts", parameters: () => ({ ledger: "main", pageSize: 2 }) },
  { operationId: "countAccounts", parameters: main },
  { operationId: "getBalances", parameters: main },
  { operationId: "getBalancesAggregated", parameters: main },
  {
    operationId: "updateMapping",
    parameters: main,
    body: {
      contracts: [
        { name: "credit line", account: "^credit:*$", expr: { $gte: ["$balance", -100000] } },
      ],
    },
  },
  { operationId: "getMapping", parameters: main },
  { operationId: "listLogs", parameters: () => ({ ledger: "main", pageSize: 2 }) },
  { operationId: "watchLogs", parameters: main, events: 2 },
  { operationId: "verifyLedger", parameters: main, events: 1 },
  { operationId: "readStats", parameters: main },
  { operationId: "getInfo" },
  { operationId: "listLedgers" },
  { operationId: "getLedgerInfo", parameters: main },
];

const till = () => ({ clientId: "till" });

const auth: readonly Step[] = [
  { operationId: "getServerInfo" },
  {
    operationId: "createClient",
    body: { id: "till", name: "The till", description: "At the door", metadata: { shop: "7" } },
  },
  {
    operationId: "createSecret",
    parameters: till,
    body: { name: "spring" },
    learn: ({ data }) => ({ secretId: data.id }),
  },
  {
    operationId: "createScope",
    body: { label: "cashier" },
    learn: ({ data }) => ({ cashier: data.id }),
  },
  {
    operationId: "listScopes",
    learn: ({ data }) => ({
      writing: data.find(({ label }: { label: string }) => label === "ledger:write").id,
    }),
  },
  {
    operationId: "addTransientScope",
    parameters: ({ cashier, writing }) => ({ scopeId: cashier, transientScopeId: writing }),
  },
  {
    operationId: "addScopeToClient",
    parameters: ({ cashier }) => ({ clientId: "till", scopeId: cashier }),
  },
  {
    operationId: "updateScope",
    parameters: ({ cashier }) => ({ scopeId: cashier }),
    body: { label: "cashier", metadata: { note: "may sell" } },
  },
  { operationId: "readScope", parameters: ({ cashier }) => ({ scopeId: cashier }) },
  {
    operationId: "updateClient",
    parameters: till,
    body: { name: "The till", description: "Behind the counter" },
  },
  { operationId: "readClient", parameters: till },
  { operationId: "listClients" },
  { operationId: "listUsers" },
  {
    operationId: "deleteTransientScope",
    parameters: ({ cashier, writing }) => ({ scopeId: cashier, transientScopeId: writing }),
  },
  {
    operationId: "deleteScopeFromClient",
    parameters: ({ cashier }) => ({ clientId: "till", scopeId: cashier }),
  },
  { operationId: "deleteScope", parameters: ({ cashier }) => ({ scopeId: cashier }) },
  {
    operationId: "deleteSecret",
    parameters: ({ secretId }) => ({ clientId: "till", secretId }),
  },
  { operationId: "deleteClient", parameters: till },
];

const dummyPay = () => ({ connector: "DUMMY-PAY" });

const payments: readonly Step[] = [
  { operationId: "paymentsgetServerInfo" },
  { operationId: "listConfigsAvailableConnectors" },
  {
    operationId: "installConnector",
    parameters: dummyPay,
    body: { directory: "files", filePollingPeriod: "1s", fileGenerationPeriod: "10000h" },
  },
  { operationId: "listAllConnectors" },
  { operationId: "readConnectorConfig", parameters: dummyPay },
  {
    operationId: "listPayments",
    until: ({ cursor }) => cursor.data.length > 0,
    learn: ({ cursor }) => ({ paymentId: cursor.data[0].id }),
  },
  {
    operationId: "updateMetadata",
    parameters: ({ paymentId }) => ({ paymentId }),
    body: { order: "1001" },
  },
  { operationId: "getPayment", parameters: ({ paymentId }) => ({ paymentId }) },
  { operationId: "watchPayments", events: 1 },
  { operationId: "paymentslistAccounts" },
  {
    operationId: "listConnectorTasks",
    parameters: dummyPay,
    learn: ({ cursor }) => ({
      taskId: cursor.data.find((it: { state: object }) => "seenUntil" in it.state).id,
    }),
  },
  {
    operationId: "getConnectorTask",
    parameters: ({ taskId }) => ({ connector: "DUMMY-PAY", taskId }),
  },
  { operationId: "listConnectorsTransfers", parameters: dummyPay },
  { operationId: "resetConnector", parameters: dummyPay },
  { operationId: "uninstallConnector", parameters: dummyPay },
];

/** Calls in an order in which each works. Their answers become the examples of the document. */
export const story: readonly Step[] = [
  { operationId: "getVersions" },
  ...ledger,
  ...auth,
  ...payments,
];

/** Operations that the story leaves out, and why. */
export const UNTOLD: Readonly<Record<string, string>> = {
  readUser: "needs a person who has logged in",
  connectorsTransfer: "needs a provider that moves money",
  connectorsStripeTransfer: "needs Stripe",
  ...Object.fromEntries(
    ["getToken", "introspectToken", "revokeToken", "getUserinfo", "getOpenIdConfiguration"]
      .concat("getKeys", "getHealth")
      .map((id) => [id, "no RPC: its example is written by hand, or it needs none"]),
  ),
};
