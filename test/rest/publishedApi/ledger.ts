import { data, fields, mapOf, type Operation, oneOf, page, type Shape } from "./operation.js";

const posting = fields({
  amount: "integer",
  asset: "string",
  destination: "string",
  source: "string",
});

const volumes = mapOf(mapOf(fields({ input: "integer", output: "integer", balance: "integer" })));

const transaction = fields({
  timestamp: "time",
  postings: [posting],
  reference: "string",
  metadata: "object",
  txid: "integer",
  preCommitVolumes: volumes,
  postCommitVolumes: volumes,
});

const newTransaction = {
  timestamp: "time",
  postings: [posting],
  reference: "string",
  metadata: "object",
} as const;

const mapping = fields({ contracts: [fields({ account: "string", expr: "object" })] });

/** `type` is in the document too, but the reference never sent it, and nor do we. */
const account = { address: "string", metadata: "object" } as const;

const cursor = { cursor: "string", pagination_token: "string" } as const;
const paging = { pageSize: "integer", page_size: "integer", after: "string", ...cursor } as const;
const period = {
  startTime: "time",
  start_time: "time",
  endTime: "time",
  end_time: "time",
} as const;
const transactionFilter: Readonly<Record<string, Shape>> = {
  reference: "string",
  account: "string",
  source: "string",
  destination: "string",
  metadata: mapOf("string"),
  ...period,
};
const operator = oneOf("e", "ne", "gt", "gte", "lt", "lte");

export const ledgerOperations: readonly Operation[] = [
  {
    call: "GET /api/ledger/_info",
    status: 200,
    answer: data(
      fields({
        config: fields({ storage: fields({ driver: "string", ledgers: ["string"] }) }),
        server: "string",
        version: "string",
      }),
    ),
  },
  {
    call: "GET /api/ledger/{ledger}/_info",
    status: 200,
    answer: data(
      fields({
        name: "string",
        storage: fields({
          migrations: [
            fields({
              version: "integer",
              name: "string",
              date: "time",
              state: oneOf("to do", "done"),
            }),
          ],
        }),
      }),
    ),
  },
  {
    call: "HEAD /api/ledger/{ledger}/accounts",
    query: { address: "string", metadata: mapOf("string") },
    status: 200,
    headers: ["count"],
  },
  {
    call: "GET /api/ledger/{ledger}/accounts",
    query: {
      ...paging,
      address: "string",
      metadata: mapOf("string"),
      balance: "integer",
      balanceOperator: operator,
      balance_operator: operator,
    },
    status: 200,
    answer: page(fields(account)),
  },
  {
    call: "GET /api/ledger/{ledger}/accounts/{address}",
    status: 200,
    answer: data(
      fields({
        ...account,
        volumes: mapOf(mapOf("integer")),
        balances: mapOf("integer"),
      }),
    ),
  },
  {
    call: "POST /api/ledger/{ledger}/accounts/{address}/metadata",
    body: "object",
    status: 204,
  },
  { call: "GET /api/ledger/{ledger}/mapping", status: 200, answer: data(mapping) },
  {
    call: "PUT /api/ledger/{ledger}/mapping",
    body: mapping,
    status: 200,
    answer: data(mapping),
  },
  {
    call: "POST /api/ledger/{ledger}/script",
    query: { preview: "boolean" },
    body: fields({
      plain: "string",
      vars: "object",
      reference: "string",
      metadata: "object",
    }),
    status: 200,
    answer: fields({
      errorCode: "string",
      errorMessage: "string",
      details: "string",
      transaction,
    }),
  },
  {
    call: "GET /api/ledger/{ledger}/stats",
    status: 200,
    answer: data(fields({ accounts: "integer", transactions: "integer" })),
  },
  {
    call: "HEAD /api/ledger/{ledger}/transactions",
    query: transactionFilter,
    status: 200,
    headers: ["count"],
  },
  {
    call: "GET /api/ledger/{ledger}/transactions",
    query: { ...paging, ...transactionFilter },
    status: 200,
    answer: page(transaction),
  },
  {
    call: "POST /api/ledger/{ledger}/transactions",
    query: { preview: "boolean" },
    body: fields({ ...newTransaction, script: fields({ plain: "string", vars: "object" }) }),
    status: 200,
    answer: data([transaction]),
  },
  {
    call: "GET /api/ledger/{ledger}/transactions/{txid}",
    status: 200,
    answer: data(transaction),
  },
  {
    call: "POST /api/ledger/{ledger}/transactions/{txid}/metadata",
    body: "object",
    status: 204,
  },
  {
    call: "POST /api/ledger/{ledger}/transactions/{txid}/revert",
    status: 200,
    answer: data(transaction),
  },
  {
    call: "POST /api/ledger/{ledger}/transactions/batch",
    body: fields({ transactions: [fields(newTransaction)] }),
    status: 200,
    answer: data([transaction]),
  },
  {
    call: "GET /api/ledger/{ledger}/balances",
    query: { address: "string", after: "string", ...cursor },
    status: 200,
    answer: page(mapOf(mapOf("integer"))),
  },
  {
    call: "GET /api/ledger/{ledger}/aggregate/balances",
    query: { address: "string" },
    status: 200,
    answer: data(mapOf("integer")),
  },
  {
    call: "GET /api/ledger/{ledger}/logs",
    query: { ...paging, ...period },
    status: 200,
    answer: page(
      fields({
        id: "integer",
        type: oneOf("NEW_TRANSACTION", "SET_METADATA"),
        data: "object",
        hash: "string",
        date: "time",
      }),
    ),
  },
];
