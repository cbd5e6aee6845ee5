/** One request of an operation, and what must come of it. */
export interface Case {
  readonly when: string;
  /** Below "/api/ledger", e.g. "/main/stats?x=1". */
  readonly at: string;
  /** An object is sent as JSON, a text as it stands. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** What the answer must hold, at least. */
  readonly answer?: object;
  /** "CODE: message" of a refusal, or its code alone. */
  readonly refusal?: string;
}

const pay = (source: string, destination: string, amount: unknown, asset = "USD/2") => ({
  postings: [{ source, destination, amount, asset }],
});

const script = (plain: string, vars: object = {}) => ({ script: { plain, vars } });

const SEND = "send [USD/2 5] (source = @world destination = @users:2)";
const POOR = "send [USD/2 500] (source = @users:2 destination = @shop)";
const NOTE = 'set_tx_meta("kind", "x")';

/** What a ledger holds before each operation is tried: requests to "/main" that all succeed. */
export const HISTORY: readonly (readonly [at: string, body: object])[] = [
  [
    "transactions",
    {
      ...pay("world", "users:1", 100),
      reference: "first",
      metadata: { kind: "a", n: 1 },
      timestamp: "2023-07-10T12:00:00Z",
    },
  ],
  ["transactions", { ...pay("users:1", "shop", 40), timestamp: "2023-07-10T12:00:01.5Z" }],
  ["accounts/users:1/metadata", { vip: true }],
];

const TXID = "VALIDATION: invalid transaction ID";
const ADDRESS = "VALIDATION: invalid account address format";
const NO_PATTERN = "VALIDATION: invalid regular expression in 'address'";

/** Of every list. */
const badPages = (at: string): Case[] => [
  refused("a page of no number", `${at}?pageSize=x`, "VALIDATION: invalid 'pageSize' query param"),
  refused("no cursor", `${at}?cursor=x`, "VALIDATION: invalid 'cursor' query param"),
  refused(
    "a cursor with company",
    `${at}?cursor=x&pageSize=1`,
    "VALIDATION: no other query params can be set with 'cursor'",
  ),
];

function refused(when: string, at: string, refusal: string, body?: object | string): Case {
  const status = refusal.startsWith("NOT_FOUND") ? 404 : refusal.startsWith("CONFLICT") ? 409 : 400;
  return { when, at, status, refusal, ...(body !== undefined && { body }) };
}

/** A refusal on the deprecated route, whose answers are always 200. */
const refusedScript = (when: string, body: object, errorCode: string, message?: string): Case => ({
  when,
  at: "/main/script",
  body,
  status: 200,
  answer: {
    errorCode,
    error_code: errorCode,
    ...(message !== undefined && { errorMessage: message, error_message: message }),
    transaction: { postings: [], metadata: {}, reference: "", txid: 0 },
  },
});

const shown = (answer: object) => ({ data: answer });
const listed = (data: object[], rest: object = {}) => ({
  cursor: { pageSize: 15, page_size: 15, hasMore: false, has_more: false, data, ...rest },
});

/** Every operation of the ledger, with its success and its refusals. All also refuse a caller without a token. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  "GET /api/ledger/_info": [
    {
      when: "the server",
      at: "/_info",
      status: 200,
      answer: shown({
        server: "florin",
        config: { storage: { driver: "postgres", ledgers: ["main"] } },
      }),
    },
  ],
  "GET /api/ledger/{ledger}/_info": [
    { when: "a ledger", at: "/main/_info", status: 200, answer: shown({ name: "main" }) },
    { when: "an unknown ledger", at: "/none/_info", status: 200, answer: shown({ name: "none" }) },
  ],
  "HEAD /api/ledger/{ledger}/accounts": [
    { when: "all", at: "/main/accounts", status: 200 },
    { when: "some", at: "/main/accounts?address=users:.*&metadata[vip]=true", status: 200 },
    refused("a bad pattern", "/main/accounts?address=(", NO_PATTERN),
  ],
  "GET /api/ledger/{ledger}/accounts": [
    {
      when: "all",
      at: "/main/accounts",
      status: 200,
      answer: listed([
        { address: "world" },
        { address: "users:1", metadata: { vip: true } },
        { address: "shop" },
      ]),
    },
    {
      when: "filtered",
      at: "/main/accounts?balance=50&balanceOperator=gt&address=.*:.*&metadata[vip]=true",
      status: 200,
      answer: listed([{ address: "users:1" }]),
    },
    ...badPages("/main/accounts"),
    refused("a bad pattern", "/main/accounts?address=(", NO_PATTERN),
    refused(
      "a balance of words",
      "/main/accounts?balance=x",
      "VALIDATION: invalid parameter 'balance', should be a number",
    ),
    refused(
      "an operator that is none",
      "/main/accounts?balanceOperator=x",
      "VALIDATION: invalid parameter 'balanceOperator', should be one of 'e, ne, gt, gte, lt, lte'",
    ),
  ],
  "GET /api/ledger/{ledger}/accounts/{address}": [
    {
      when: "an account",
      at: "/main/accounts/users:1",
      status: 200,
      answer: shown({
        address: "users:1",
        metadata: { vip: true },
        volumes: { "USD/2": { input: 100, output: 40, balance: 60 } },
        balances: { "USD/2": 60 },
      }),
    },
    {
      when: "an unknown account",
      at: "/main/accounts/nobody",
      status: 200,
      answer: shown({ address: "nobody", metadata: {}, volumes: {}, balances: {} }),
    },
    refused("a bad address", "/main/accounts/a%20b", ADDRESS),
  ],
  "POST /api/ledger/{ledger}/accounts/{address}/metadata": [
    { when: "metadata", at: "/main/accounts/new/metadata", body: { a: [1] }, status: 204 },
    { when: "no metadata", at: "/main/accounts/new/metadata", body: {}, status: 204 },
    refused("a bad address", "/main/accounts/a%20b/metadata", ADDRESS, {}),
    refused("a list", "/main/accounts/a/metadata", "VALIDATION", "[]"),
    refused("null", "/main/accounts/a/metadata", "VALIDATION", "null"),
    refused("nothing", "/main/accounts/a/metadata", "VALIDATION", ""),
  ],
  "GET /api/ledger/{ledger}/mapping": [
    {
      when: "never set",
      at: "/main/mapping",
      status: 200,
      answer: shown({ contracts: [] }),
    },
  ],
  "PUT /api/ledger/{ledger}/mapping": [
    {
      when: "contracts",
      at: "/main/mapping",
      body: { contracts: [{ account: "users:*", expr: { $gte: ["$balance", -1000] } }] },
      status: 200,
      answer: shown({
        contracts: [{ name: "", account: "users:*", expr: { $gte: ["$balance", -1000] } }],
      }),
    },
    {
      when: "no contracts",
      at: "/main/mapping",
      body: { contracts: [] },
      status: 200,
      answer: shown({ contracts: [] }),
    },
    refused("an operator that is none", "/main/mapping", "VALIDATION", {
      contracts: [{ account: "*", expr: { $no: [1, 2] } }],
    }),
    refused("an expression that is none", "/main/mapping", "VALIDATION", {
      contracts: [{ account: "*", expr: {} }],
    }),
    refused("no JSON", "/main/mapping", "VALIDATION", "contracts"),
  ],
  "POST /api/ledger/{ledger}/script": [
    {
      when: "a script",
      at: "/main/script",
      body: { plain: SEND, reference: "scripted" },
      status: 200,
      answer: { transaction: { txid: 2, reference: "scripted", postings: [{ amount: 5 }] } },
    },
    {
      when: "a preview",
      at: "/main/script?preview=true",
      body: { plain: SEND },
      status: 200,
      answer: { transaction: { txid: 3 } },
    },
    refusedScript("no script", { plain: "" }, "NO_SCRIPT", "no script to execute"),
    refusedScript("no Numscript", { plain: "hello" }, "COMPILATION_FAILED"),
    refusedScript("too little money", { plain: POOR }, "INSUFFICIENT_FUND"),
    refusedScript(
      "metadata twice",
      { plain: `${SEND}\n${NOTE}`, metadata: { kind: "y" } },
      "METADATA_OVERRIDE",
      "cannot override metadata from script",
    ),
    refusedScript(
      "a reference that is taken",
      { plain: SEND, reference: "first" },
      "CONFLICT",
      "conflict error on reference",
    ),
    refusedScript("a script that gives up", { plain: "fail" }, "VALIDATION"),
    refusedScript("no postings", { plain: NOTE }, "VALIDATION"),
    refused("no JSON", "/main/script", "VALIDATION", "{"),
  ],
  "GET /api/ledger/{ledger}/stats": [
    {
      when: "a ledger",
      at: "/main/stats",
      status: 200,
      answer: shown({ transactions: 2, accounts: 3 }),
    },
    {
      when: "an unknown ledger",
      at: "/none/stats",
      status: 200,
      answer: shown({ transactions: 0, accounts: 0 }),
    },
  ],
  "HEAD /api/ledger/{ledger}/transactions": [
    { when: "all", at: "/main/transactions", status: 200 },
    { when: "some", at: "/main/transactions?reference=first&source=world", status: 200 },
    refused("a bad time", "/main/transactions?endTime=x", "VALIDATION"),
  ],
  "GET /api/ledger/{ledger}/transactions": [
    {
      when: "all",
      at: "/main/transactions",
      status: 200,
      answer: listed([
        { txid: 1, timestamp: "2023-07-10T12:00:01Z" },
        { txid: 0, reference: "first", metadata: { kind: "a", n: 1 } },
      ]),
    },
    {
      when: "filtered",
      at: "/main/transactions?account=users:1&metadata[kind]=a&startTime=2023-07-10T12:00:00Z&endTime=2023-07-10T12:00:01Z",
      status: 200,
      answer: listed([{ txid: 0 }]),
    },
    ...badPages("/main/transactions"),
    refused(
      "a bad number",
      "/main/transactions?after=x",
      "VALIDATION: invalid 'after' query param",
    ),
    refused(
      "a bad time",
      "/main/transactions?start_time=x",
      "VALIDATION: invalid 'start_time' query param",
    ),
    refused(
      "a bad pattern",
      "/main/transactions?source=[",
      "VALIDATION: invalid regular expression in 'source'",
    ),
  ],
  "POST /api/ledger/{ledger}/transactions": [
    {
      when: "postings",
      at: "/main/transactions",
      body: { ...pay("world", "users:2", 7), reference: "second" },
      status: 200,
      answer: shown([{ txid: 2, reference: "second" }]),
    },
    {
      when: "a preview",
      at: "/main/transactions?preview=true",
      body: pay("world", "users:2", 7),
      status: 200,
      answer: shown([{ txid: 3 }]),
    },
    {
      when: "a script",
      at: "/main/transactions",
      body: script(`vars { monetary $m }\n${SEND.replace("[USD/2 5]", "$m")}`, {
        m: { asset: "USD/2", amount: 5 },
      }),
      status: 200,
      answer: shown([{ txid: 3, postings: [{ destination: "users:2", amount: 5 }] }]),
    },
    refused(
      "neither",
      "/main/transactions",
      "VALIDATION: invalid payload: should contain either postings or script",
      {},
    ),
    refused(
      "a negative amount",
      "/main/transactions",
      "VALIDATION: invalid posting 0: negative amount",
      pay("world", "a", -1),
    ),
    refused(
      "a bad asset",
      "/main/transactions",
      "VALIDATION: invalid posting 0: invalid asset",
      pay("world", "a", 1, "usd"),
    ),
    refused("an amount in quotes", "/main/transactions", "VALIDATION", pay("world", "a", "1")),
    refused("no JSON", "/main/transactions", "VALIDATION", "{"),
    refused("the past", "/main/transactions", "VALIDATION", {
      ...pay("world", "a", 1),
      timestamp: "2001-01-01T00:00:00Z",
    }),
    refused(
      "too little money",
      "/main/transactions",
      "INSUFFICIENT_FUND: balance.insufficient.USD/2",
      pay("shop", "a", 41),
    ),
    refused(
      "a reference that is taken",
      "/main/transactions",
      "CONFLICT: conflict error on reference",
      {
        ...pay("world", "a", 1),
        reference: "first",
      },
    ),
    refused("no Numscript", "/main/transactions", "COMPILATION_FAILED", script("hello")),
    refused(
      "a script with too little money",
      "/main/transactions",
      "INSUFFICIENT_FUND: [INSUFFICIENT_FUND] account had insufficient funds",
      script(POOR),
    ),
    refused(
      "metadata twice",
      "/main/transactions",
      "METADATA_OVERRIDE: [METADATA_OVERRIDE] cannot override metadata from script",
      { ...script(`${SEND}\n${NOTE}`), metadata: { kind: "y" } },
    ),
    refused("a script that gives up", "/main/transactions", "VALIDATION", script("fail")),
    refused(
      "no postings",
      "/main/transactions",
      "VALIDATION: transaction has no postings",
      script(NOTE),
    ),
  ],
  "GET /api/ledger/{ledger}/transactions/{txid}": [
    {
      when: "a transaction",
      at: "/main/transactions/0",
      status: 200,
      answer: shown({ txid: 0, timestamp: "2023-07-10T12:00:00Z" }),
    },
    refused("a name", "/main/transactions/first", TXID),
    refused("no transaction", "/main/transactions/2", "NOT_FOUND: transaction not found"),
  ],
  "POST /api/ledger/{ledger}/transactions/{txid}/metadata": [
    { when: "metadata", at: "/main/transactions/0/metadata", body: { b: 2 }, status: 204 },
    refused("a name", "/main/transactions/first/metadata", TXID, {}),
    refused(
      "no transaction",
      "/main/transactions/2/metadata",
      "NOT_FOUND: transaction not found",
      {},
    ),
    refused("a text", "/main/transactions/0/metadata", "VALIDATION", '"b"'),
  ],
  "POST /api/ledger/{ledger}/transactions/{txid}/revert": [
    {
      when: "a transaction",
      at: "/main/transactions/1/revert",
      status: 200,
      answer: shown({
        txid: 2,
        postings: [{ source: "shop", destination: "users:1", amount: 40, asset: "USD/2" }],
        metadata: { "com.numary.spec/state/reverts": "1" },
      }),
    },
    refused(
      "one that is reverted",
      "/main/transactions/1/revert",
      "VALIDATION: transaction 1 already reverted",
    ),
    refused("no transaction", "/main/transactions/9/revert", "NOT_FOUND: transaction 9 not found"),
    refused("a name", "/main/transactions/first/revert", TXID),
  ],
  "POST /api/ledger/{ledger}/transactions/batch": [
    {
      when: "two transactions",
      at: "/main/transactions/batch",
      body: { transactions: [pay("world", "a", 1), pay("a", "b", 1)] },
      status: 200,
      answer: shown([{ txid: 2 }, { txid: 3 }]),
    },
    refused("none", "/main/transactions/batch", "VALIDATION: no transaction to insert", {
      transactions: [],
    }),
    refused(
      "one without postings",
      "/main/transactions/batch",
      "VALIDATION: invalid transaction 1: no postings",
      { transactions: [pay("world", "a", 1), {}] },
    ),
    refused("no list", "/main/transactions/batch", "VALIDATION", { transactions: "all" }),
    refused(
      "a reference twice",
      "/main/transactions/batch",
      "CONFLICT: conflict error on reference",
      {
        transactions: [
          { ...pay("world", "a", 1), reference: "twice" },
          { ...pay("world", "a", 1), reference: "twice" },
        ],
      },
    ),
    refused(
      "too little money in the end",
      "/main/transactions/batch",
      "INSUFFICIENT_FUND: balance.insufficient.USD/2",
      { transactions: [pay("world", "c", 1), pay("c", "d", 2)] },
    ),
  ],
  "GET /api/ledger/{ledger}/balances": [
    {
      when: "all",
      at: "/main/balances",
      status: 200,
      answer: listed([
        { world: { "USD/2": -100 } },
        { "users:1": { "USD/2": 60 } },
        { shop: { "USD/2": 40 } },
      ]),
    },
    ...badPages("/main/balances"),
    refused("a bad pattern", "/main/balances?address=(", NO_PATTERN),
  ],
  "GET /api/ledger/{ledger}/aggregate/balances": [
    {
      when: "all",
      at: "/main/aggregate/balances",
      status: 200,
      answer: shown({ "USD/2": 0 }),
    },
    {
      when: "some",
      at: "/main/aggregate/balances?address=users:.*",
      status: 200,
      answer: shown({ "USD/2": 60 }),
    },
    refused("a bad pattern", "/main/aggregate/balances?address=(", NO_PATTERN),
  ],
  "GET /api/ledger/{ledger}/logs": [
    {
      when: "all",
      at: "/main/logs",
      status: 200,
      answer: listed([
        { id: 2, type: "SET_METADATA", data: { targetType: "ACCOUNT", targetId: "users:1" } },
        { id: 1, type: "NEW_TRANSACTION", date: "2023-07-10T12:00:01.5Z" },
        { id: 0, data: { txid: 0, reference: "first" } },
      ]),
    },
    {
      when: "of a time",
      at: "/main/logs?endTime=2023-07-10T12:00:01Z",
      status: 200,
      answer: listed([{ id: 0 }]),
    },
    ...badPages("/main/logs"),
    refused("a bad number", "/main/logs?after=-1", "VALIDATION: invalid 'after' query param"),
    refused("a bad time", "/main/logs?endTime=x", "VALIDATION: invalid 'endTime' query param"),
  ],
};
