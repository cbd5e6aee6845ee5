import { SDK } from "@formance/formance-sdk";
import { ErrorResponse } from "@formance/formance-sdk/sdk/models/errors/index.js";
import { describe, expect, test } from "vitest";
import { startTestApp } from "../support/app.js";

/** What one operation of the published SDK is tried on: a ledger with a short history. */
interface Scene {
  readonly ledger: SDK["ledger"]["v1"];
  /** Plain HTTP below "/api/ledger/main": the status, a header or two, and the body read as JSON. */
  readonly http: (verb: string, path: string, body?: object) => Promise<Told>;
}

interface Told {
  readonly status: number;
  readonly count: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape.
  readonly body: any;
}

const AT = new Date("2023-07-10T12:00:00Z");
const main = { ledger: "main" };
const posting = (source: string, destination: string, amount: bigint) => ({
  source,
  destination,
  asset: "USD/2",
  amount,
});

async function scene(): Promise<Scene> {
  const app = await startTestApp();
  const { url: serverURL, clientId: clientID, clientSecret } = app;
  const { ledger } = new SDK({ serverURL, security: { clientID, clientSecret } });
  const authorization = `Bearer ${await app.token()}`;
  await ledger.v1.createTransactions({
    ...main,
    transactions: {
      transactions: [
        { postings: [posting("world", "users:1", 100n)], reference: "first", timestamp: AT },
        {
          postings: [posting("users:1", "shop", 40n)],
          metadata: { kind: "sale" },
          timestamp: new Date("2023-07-10T12:00:01.500Z"),
        },
      ],
    },
  });
  await ledger.v1.addMetadataToAccount({ ...main, address: "users:1", requestBody: { vip: true } });
  return {
    ledger: ledger.v1,
    async http(verb, path, body) {
      const response = await fetch(`${serverURL}/api/ledger/main/${path}`, {
        method: verb,
        headers: { authorization },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        count: response.headers.get("count"),
        body: text === "" ? null : JSON.parse(text),
      };
    },
  };
}

/** How a call that the server refuses ends: "status code: message". */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => expect.unreachable("not refused"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ErrorResponse);
  return `${error.statusCode} ${error.errorCode}: ${error.errorMessage}`;
}

const txids = (data: readonly { txid: bigint }[] = []) => data.map(({ txid }) => txid);

/** Two lines of Numscript, with a variable of each type that JSON writes in its own way. */
const SCRIPT = `vars { monetary $price
 portion $fee
 account $buyer
 string $note }
send $price (source = @world destination = { $fee to @fees remaining to $buyer })
set_tx_meta("note", $note)`;
const vars = {
  price: { asset: "USD/2", amount: 100 },
  fee: "1/4",
  buyer: "users:2",
  note: "thanks",
};
const POOR = "send [USD/2 500] (source = @shop destination = @users:1)";

/** Every operation, by its name in the SDK. */
const OPERATIONS: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  async getInfo({ ledger }) {
    const { configInfoResponse } = await ledger.getInfo();
    expect(configInfoResponse?.data).toMatchObject({
      server: "florin",
      config: { storage: { driver: "postgres", ledgers: ["main"] } },
    });
  },

  async createTransaction({ ledger }) {
    const { transactionsResponse } = await ledger.createTransaction({
      ...main,
      postTransaction: { script: { plain: SCRIPT, vars }, reference: "scripted" },
    });
    expect(transactionsResponse?.data).toMatchObject([
      {
        txid: 2n,
        reference: "scripted",
        postings: [posting("world", "fees", 25n), posting("world", "users:2", 75n)],
        metadata: { note: { type: "string", value: "thanks" } },
      },
    ]);
    const create = (postTransaction: object) =>
      refusal(ledger.createTransaction({ ...main, postTransaction }));
    expect(await create({ postings: [posting("shop", "a", 41n)] })).toBe(
      "400 INSUFFICIENT_FUND: balance.insufficient.USD/2",
    );
    expect(await create({ postings: [posting("world", "a", 1n)], reference: "first" })).toBe(
      "409 CONFLICT: conflict error on reference",
    );
    expect(await create({})).toBe(
      "400 VALIDATION: invalid payload: should contain either postings or script",
    );
    expect(await create({ script: { plain: "send" } })).toMatch(
      /^400 COMPILATION_FAILED: \[COMPILATION_FAILED\] /,
    );
    expect(await create({ script: { plain: POOR } })).toBe(
      "400 INSUFFICIENT_FUND: [INSUFFICIENT_FUND] account had insufficient funds",
    );
    expect(await create({ script: { plain: SCRIPT, vars }, metadata: { note: "mine" } })).toBe(
      "400 METADATA_OVERRIDE: [METADATA_OVERRIDE] cannot override metadata from script",
    );
  },

  async createTransactions({ ledger }) {
    const send = (...postings: ReturnType<typeof posting>[]) =>
      ledger.createTransactions({
        ...main,
        transactions: { transactions: postings.map((one) => ({ postings: [one] })) },
      });
    const { transactionsResponse } = await send(posting("world", "a", 5n), posting("a", "b", 5n));
    expect(txids(transactionsResponse?.data)).toEqual([2n, 3n]);
    expect(await refusal(send(posting("world", "c", 5n), posting("c", "d", 6n)))).toBe(
      "400 INSUFFICIENT_FUND: balance.insufficient.USD/2",
    );
    expect(await refusal(send())).toBe("400 VALIDATION: no transaction to insert");
  },

  async getTransaction({ ledger }) {
    const { transactionResponse } = await ledger.getTransaction({ ...main, txid: 1n });
    expect(transactionResponse?.data).toMatchObject({
      metadata: { kind: "sale" },
      // Transactions are shown in seconds.
      timestamp: new Date("2023-07-10T12:00:01Z"),
      postCommitVolumes: { shop: { "USD/2": { input: 40n, output: 0n, balance: 40n } } },
    });
    expect(await refusal(ledger.getTransaction({ ...main, txid: 2n }))).toBe(
      "404 NOT_FOUND: transaction not found",
    );
  },

  async listTransactions({ ledger }) {
    const list = async (filter: object) =>
      (await ledger.listTransactions({ ...main, ...filter })).transactionsCursorResponse?.cursor;
    const first = await list({ pageSize: 1 });
    expect([txids(first?.data), first?.hasMore]).toEqual([[1n], true]);
    const second = await list({ cursor: first?.next });
    expect([txids(second?.data), second?.hasMore]).toEqual([[0n], false]);
    expect(await list({ cursor: second?.previous })).toEqual(first);
    const filters = [
      { account: "shop" },
      { source: "users:.*", destination: "shop" },
      { startTime: new Date("2023-07-10T12:00:01Z") },
      { metadata: { kind: "sale" } },
    ];
    for (const filter of filters) expect(txids((await list(filter))?.data)).toEqual([1n]);
    for (const filter of [{ reference: "first" }, { endTime: new Date("2023-07-10T12:00:01Z") }]) {
      expect(txids((await list(filter))?.data)).toEqual([0n]);
    }
    expect(await refusal(list({ source: "(" }))).toBe(
      "400 VALIDATION: invalid regular expression in 'source'",
    );
    expect(await refusal(list({ cursor: "none" }))).toBe(
      "400 VALIDATION: invalid 'cursor' query param",
    );
  },

  async countTransactions({ ledger }) {
    const { headers } = await ledger.countTransactions({ ...main, account: "shop" });
    expect(headers["count"]).toEqual(["1"]);
  },

  async addMetadataOnTransaction({ ledger }) {
    const metadata = { nested: { list: [1, "b", null] } };
    await ledger.addMetadataOnTransaction({ ...main, txid: 1n, requestBody: metadata });
    const { transactionResponse } = await ledger.getTransaction({ ...main, txid: 1n });
    expect(transactionResponse?.data.metadata).toEqual({ kind: "sale", ...metadata });
    expect(
      await refusal(ledger.addMetadataOnTransaction({ ...main, txid: 9n, requestBody: {} })),
    ).toBe("404 NOT_FOUND: transaction not found");
  },

  async addMetadataToAccount({ ledger }) {
    await ledger.addMetadataToAccount({ ...main, address: "new:1", requestBody: { a: 1 } });
    const { accountResponse } = await ledger.getAccount({ ...main, address: "new:1" });
    expect(accountResponse?.data).toEqual({
      address: "new:1",
      metadata: { a: 1 },
      volumes: {},
      balances: {},
    });
    expect(
      await refusal(ledger.addMetadataToAccount({ ...main, address: "a b", requestBody: {} })),
    ).toBe("400 VALIDATION: invalid account address format");
  },

  async getAccount({ ledger }) {
    const { accountResponse } = await ledger.getAccount({ ...main, address: "world" });
    expect(accountResponse?.data).toMatchObject({
      volumes: { "USD/2": { input: 0n, output: 100n, balance: -100n } },
      balances: { "USD/2": -100n },
    });
    expect(await refusal(ledger.getAccount({ ...main, address: "a b" }))).toBe(
      "400 VALIDATION: invalid account address format",
    );
  },

  async listAccounts({ ledger }) {
    const list = async (filter: object) =>
      (await ledger.listAccounts({ ...main, ...filter })).accountsCursorResponse?.cursor;
    const all = await list({});
    expect(all?.data.map(({ address }) => address)).toEqual(["world", "users:1", "shop"]);
    const rich = await list({ balance: 50, metadata: { vip: "true" } });
    expect(rich?.data).toEqual([{ address: "users:1", metadata: { vip: true } }]);
    const page = await list({ pageSize: 2 });
    expect((await list({ cursor: page?.next }))?.data).toMatchObject([{ address: "shop" }]);
    expect((await list({ paginationToken: page?.next }))?.data).toHaveLength(1);
    expect(await refusal(list({ address: "(" }))).toBe(
      "400 VALIDATION: invalid regular expression in 'address'",
    );
  },

  async getBalances({ ledger }) {
    const { balancesCursorResponse } = await ledger.getBalances({ ...main, address: "users:.*" });
    expect(balancesCursorResponse?.cursor.data).toEqual([{ "users:1": { "USD/2": 60 } }]);
    const page = await ledger.getBalances({ ...main, pageSize: 2 });
    const { cursor } = page.balancesCursorResponse ?? expect.unreachable();
    const rest = await ledger.getBalances({ ...main, cursor: cursor.next });
    expect(rest.balancesCursorResponse?.cursor.data).toEqual([{ shop: { "USD/2": 40 } }]);
  },

  async getBalancesAggregated({ ledger }) {
    const { aggregateBalancesResponse } = await ledger.getBalancesAggregated(main);
    expect(aggregateBalancesResponse?.data).toEqual({ "USD/2": 0 });
    expect(await refusal(ledger.getBalancesAggregated({ ...main, address: "[" }))).toBe(
      "400 VALIDATION: invalid regular expression in 'address'",
    );
  },

  async getMapping({ ledger, http }) {
    const unset = await ledger.getMapping(main);
    expect(unset.mappingResponse?.data).toEqual({ contracts: [] });
    const contracts = [{ account: "users:*", expr: { $gte: ["$balance", -100] } }];
    expect((await http("PUT", "mapping", { contracts })).status).toBe(200);
    const { mappingResponse } = await ledger.getMapping(main);
    expect(mappingResponse?.data?.contracts).toMatchObject([{ account: "users:*" }]);
    // It does not ask the server what is in an expression.
    expect((await http("GET", "mapping")).body.data.contracts).toMatchObject(contracts);
    const overdrawn = { postings: [posting("users:1", "shop", 160n)] };
    await ledger.createTransaction({ ...main, postTransaction: overdrawn });
    expect(await refusal(ledger.createTransaction({ ...main, postTransaction: overdrawn }))).toBe(
      "400 INSUFFICIENT_FUND: balance.insufficient.USD/2",
    );
  },

  async updateMapping({ ledger }) {
    const { mappingResponse } = await ledger.updateMapping({ ...main, mapping: { contracts: [] } });
    expect(mappingResponse?.data).toEqual({ contracts: [] });
    // It sends every expression as {}, which is none.
    const mapping = { contracts: [{ account: "users:*", expr: { $gte: ["$balance", -100] } }] };
    expect(await refusal(ledger.updateMapping({ ...main, mapping }))).toMatch(/^400 VALIDATION: /);
  },

  async runScript({ ledger }) {
    const run = async (
      script: { plain: string; reference?: string; metadata?: object },
      isPreview = false,
    ) =>
      (await ledger.runScript({ ...main, script: { vars, ...script }, preview: isPreview }))
        .scriptResponse;
    const preview = await run({ plain: SCRIPT }, true);
    expect(preview?.transaction?.txid).toBe(2n);
    const done = await run({ plain: SCRIPT });
    expect(done?.errorCode).toBeUndefined();
    expect(done?.transaction).toMatchObject({
      txid: 2n,
      postings: [{ amount: 25n }, { amount: 75n }],
    });
    const none = {
      txid: 0n,
      postings: [],
      metadata: {},
      timestamp: new Date("0001-01-01T00:00:00Z"),
    };
    expect(await run({ plain: "send" })).toMatchObject({
      errorCode: "COMPILATION_FAILED",
      transaction: none,
    });
    expect(await run({ plain: "" })).toMatchObject({
      errorCode: "NO_SCRIPT",
      errorMessage: "no script to execute",
    });
    expect(await run({ plain: SCRIPT, metadata: { note: "mine" } })).toMatchObject({
      errorCode: "METADATA_OVERRIDE",
      errorMessage: "cannot override metadata from script",
    });
    expect(await run({ plain: SCRIPT, reference: "first" })).toMatchObject({
      errorCode: "CONFLICT",
      errorMessage: "conflict error on reference",
    });
    expect(
      (await ledger.runScript({ ...main, script: { plain: POOR } })).scriptResponse,
    ).toMatchObject({
      errorCode: "INSUFFICIENT_FUND",
      errorMessage: "account had insufficient funds",
    });
  },

  async listLogs({ ledger }) {
    const list = async (filter: object) =>
      (await ledger.listLogs({ ...main, ...filter })).logsCursorResponse?.cursor;
    const all = await list({});
    expect(all?.data.map(({ id, type }) => [id, type])).toEqual([
      [2, "SET_METADATA"],
      [1, "NEW_TRANSACTION"],
      [0, "NEW_TRANSACTION"],
    ]);
    expect(all?.data[1]).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      date: new Date("2023-07-10T12:00:01.500Z"),
      data: { txid: 1, metadata: { kind: "sale" } },
    });
    const page = await list({ pageSize: 2 });
    expect((await list({ cursor: page?.next }))?.data).toMatchObject([{ id: 0 }]);
    const late = await list({ startTime: AT, endTime: new Date("2023-07-10T12:00:01Z") });
    expect(late?.data).toMatchObject([{ id: 0 }]);
    expect(await refusal(list({ after: "x" }))).toBe("400 VALIDATION: invalid 'after' query param");
  },

  async readStats({ ledger }) {
    const { statsResponse } = await ledger.readStats(main);
    expect(statsResponse?.data).toEqual({ accounts: 3, transactions: 2 });
    expect(await refusal(ledger.readStats({ ledger: "_system" }))).toMatch(
      /^400 VALIDATION: invalid ledger name/,
    );
  },
};

/**
 * Where this SDK follows a later document than ours it throws, though the server did its work; so the published
 * document's answer is read by plain HTTP. What it cannot misread are refusals.
 */
const YOUNGER: typeof OPERATIONS = {
  async countAccounts({ ledger, http }) {
    await expect(ledger.countAccounts(main)).rejects.toThrow("Unexpected Status or Content-Type");
    expect(await http("HEAD", "accounts?address=users:.*")).toEqual({
      status: 200,
      count: "1",
      body: null,
    });
  },

  async revertTransaction({ ledger, http }) {
    const revert = ledger.revertTransaction({ ...main, txid: 1n });
    await expect(revert).rejects.toThrow("Response validation failed");
    const { transactionResponse } = await ledger.getTransaction({ ...main, txid: 2n });
    expect(transactionResponse?.data).toMatchObject({
      postings: [posting("shop", "users:1", 40n)],
      metadata: { "com.numary.spec/state/reverts": "1" },
    });
    expect(await http("POST", "transactions/0/revert")).toMatchObject({
      status: 200,
      body: { data: { txid: 3, reference: "revert_first" } },
    });
    expect(await refusal(ledger.revertTransaction({ ...main, txid: 1n }))).toBe(
      "400 VALIDATION: transaction 1 already reverted",
    );
    expect(await refusal(ledger.revertTransaction({ ...main, txid: 9n }))).toBe(
      "404 NOT_FOUND: transaction 9 not found",
    );
  },

  async getLedgerInfo({ ledger, http }) {
    await expect(ledger.getLedgerInfo(main)).rejects.toThrow("Response validation failed");
    const { status, body } = await http("GET", "_info");
    expect([status, body.data.name]).toEqual([200, "main"]);
    expect(body.data.storage.migrations[0]).toMatchObject({ version: 1, state: "done" });
    expect(await refusal(ledger.getLedgerInfo({ ledger: "_system" }))).toMatch(/^400 VALIDATION: /);
  },
};

describe("the Formance SDK, with typed answers and refusals", () => {
  test.each(Object.entries(OPERATIONS))("%s", async (_, use) => use(await scene()));
});

describe("the Formance SDK, whose later document expects another answer", () => {
  test.each(Object.entries(YOUNGER))("%s", async (_, use) => use(await scene()));
});

test("no operation of the Formance SDK is left out", () => {
  const { ledger } = new SDK();
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(ledger.v1));
  expect(names.filter((name) => name !== "constructor").sort()).toEqual(
    [...Object.keys(OPERATIONS), ...Object.keys(YOUNGER)].sort(),
  );
});
