import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { Request } from "../../src/ledger/domain/command.js";
import { parseMapping } from "../../src/ledger/domain/mapping.js";
import type { Metadata } from "../../src/ledger/domain/metadata.js";
import { getMapping } from "../../src/ledger/getMapping.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { clientOf, refusal } from "./client.js";
import { NOW, posting, request, testLedger, transaction } from "./support.js";

/** `{ users: '{"$gte":["$balance",-10]}' }`: rules by pattern, in their order. */
function mapping(rules: Readonly<Record<string, string>>, extras: { key?: string } = {}): Request {
  const contracts = Object.entries(rules).map(([account, expr]) => ({ name: "", account, expr }));
  const parsed = parseMapping(contracts);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return request({ kind: "update-mapping", mapping: parsed.value }, extras);
}

const metadata = (account: string, metadata: Metadata): Request =>
  request({ kind: "set-metadata", target: { account }, metadata });

const DOWN_TO_10 = '{"$gte":["$balance",-10]}';
const BY_LIMIT = '{"$gte":["$balance",{"$meta":"limit"}]}';

/** What became of each: true, or the kind of the refusal. All are asked for at once. */
async function outcomes(ledger: Ledger, ...requests: readonly Request[]) {
  const results = await Promise.all(requests.map((each) => ledger.write("main", each)));
  return results.map((result) => result.ok || result.failure.kind);
}

const pay = (text: string) => transaction(text);
const UNPAID = "insufficient-funds";

test("a contract may let an account go below zero, and may ask it to keep something", async () => {
  const ledger = await testLedger();
  const rules = { "^credit:": DOWN_TO_10, "^saver:*": '{"$gt":["$balance",5]}' };
  expect(
    await outcomes(
      ledger,
      mapping(rules),
      pay("credit:1 > a 11 USD/2"),
      pay("credit:1 > a 10 USD/2"),
      pay("credit:1 > a 1 USD/2"),
      pay("world > saver:1 10 USD/2"),
      pay("saver:1 > a 5 USD/2"),
      pay("saver:1 > a 4 USD/2"),
      pay("b > a 1 USD/2"),
    ),
  ).toEqual([true, UNPAID, true, UNPAID, true, UNPAID, true, UNPAID]);
});

test("the first contract that covers an account decides, and no later one", async () => {
  const ledger = await testLedger();
  const never = '{"$or":[]}';
  expect(
    await outcomes(
      ledger,
      mapping({ "users:1": DOWN_TO_10, "users:*": never, "*": '{"$and":[]}' }),
      pay("users:1 > a 10 USD/2"),
      pay("world > users:2 10 USD/2"),
      pay("users:2 > a 1 USD/2"),
      pay("b > a 1000000 USD/2"),
    ),
  ).toEqual([true, true, true, UNPAID, true]);
});

test("a contract is asked only about the end of a transaction, if a balance went down, and never about world", async () => {
  const ledger = await testLedger();
  const rules = mapping({ "*": '{"$gte":["$balance",100]}' });
  expect(
    await outcomes(
      ledger,
      rules,
      pay("world > a 50 USD/2"),
      transaction(["a > b 50 USD/2", "world > a 50 USD/2"]),
      transaction(["world > b 100 USD/2", "b > c 50 USD/2"]),
      pay("a > a 1000 USD/2"),
      pay("b > a 1 USD/2"),
    ),
  ).toEqual([true, true, true, true, true, UNPAID]);
});

test("several transactions and reverts are held to it, the first short account in posting order being named", async () => {
  const ledger = await testLedger();
  const each = { reference: null, metadata: {}, timestamp: null };
  const together = request({
    kind: "create-transactions",
    transactions: ["b > c 10 USD/2", "b > c 1 USD/2"].map((text) => ({
      ...each,
      postings: [posting(text)],
    })),
  });
  await ledger.write("main", mapping({ "*": DOWN_TO_10 }));
  expect(await ledger.write("main", together)).toMatchObject({
    failure: { kind: UNPAID, account: "b", asset: "USD/2", available: -10n, needed: 1n },
  });
  const short = transaction(["d > c 1 USD/2", "e > c 11 USD/2", "f > c 11 EUR/2"]);
  expect(await ledger.write("main", short)).toMatchObject({ failure: { account: "e" } });

  await ledger.write("main", transaction("world > b 5 USD/2"));
  await ledger.write("main", transaction("b > c 15 USD/2"));
  const revert = request({ kind: "revert-transaction", txid: 0n });
  expect(await ledger.write("main", revert)).toMatchObject({
    failure: { kind: "revert-insufficient-funds", account: "b", txid: 0n },
  });
  await ledger.write("main", mapping({ "*": '{"$gte":["$balance",-15]}' }));
  expect((await ledger.write("main", revert)).ok).toBe(true);
});

test("of an update between two transactions, the one before knows nothing, the one after all", async () => {
  const ledger = await testLedger();
  expect(
    await outcomes(
      ledger,
      pay("a > b 5 USD/2"),
      mapping({ "*": DOWN_TO_10 }),
      pay("a > b 5 USD/2"),
      mapping({}),
      pay("a > b 5 USD/2"),
    ),
  ).toEqual([UNPAID, true, true, true, UNPAID]);
  const { rows } = await ledger.db.raw(
    "select count(distinct xmin::text)::int as commits from mappings where ledger = 1",
  );
  expect(rows).toEqual([{ commits: 1 }]);
});

test("metadata counts as it is at that moment, whether stored, just written or not there", async () => {
  const ledger = await testLedger();
  await ledger.write("main", metadata("a", { limit: -5, other: "x" }));
  await ledger.write("main", transaction("world > b 0 USD/2"));
  expect(
    await outcomes(
      ledger,
      mapping({ "^a$": BY_LIMIT, "^b": BY_LIMIT, "^d": BY_LIMIT }),
      pay("a > c 5 USD/2"),
      pay("a > c 1 USD/2"),
      metadata("a", { limit: -6 }),
      pay("a > c 1 USD/2"),
      pay("b > c 1 USD/2"),
      metadata("b", { limit: -1 }),
      pay("b > c 1 USD/2"),
      metadata("d", { limit: -2 }),
      pay("d > c 3 USD/2"),
      pay("d > c 2 USD/2"),
    ),
  ).toEqual([
    ...[true, true, UNPAID, true, true],
    ...["contract-undecidable", true, true],
    ...[true, UNPAID, true],
  ]);
  const { rows } = await ledger.db.raw(
    "select count(distinct xmin::text)::int as commits from logs where ledger = 1 and id > 1",
  );
  expect(rows).toEqual([{ commits: 1 }]);
  expect(
    await outcomes(
      ledger,
      metadata("a", { limit: -7 }),
      pay("a > c 1 USD/2"),
      pay("a > c 1 USD/2"),
      request({ kind: "revert-transaction", txid: 1n }),
    ),
  ).toEqual([true, true, UNPAID, true]);
});

test("a contract that compares what is no integer refuses, and says which and why", async () => {
  const ledger = await testLedger();
  const name = "by limit";
  const contracts = [{ name, account: "a", expr: BY_LIMIT }];
  await clientOf(ledger).updateMapping({ ledger: "main", mapping: { contracts } });
  await ledger.write("main", metadata("a", { limit: "none" }));
  const payment = { source: "a", destination: "b", asset: "USD/2", amount: "1" };
  const transaction = { postings: [payment] };
  expect(
    await refusal(clientOf(ledger).createTransaction({ ledger: "main", transaction })),
  ).toMatchObject({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    reason: "CONTRACT_UNDECIDABLE",
    message: `contract 0 'by limit' cannot judge a: $gte needs two integers, and "none" is none`,
  });
});

test("another process's update is known at once", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  await one.write("main", transaction("world > b 0 USD/2"));
  for (const round of [1, 2, 3]) {
    await other.write("main", mapping({ a: `{"$gte":["$balance",${-round}]}` }));
    expect(await outcomes(one, pay("a > b 1 USD/2"), pay("a > b 1 USD/2"))).toEqual([true, UNPAID]);
  }
});

test("a ledger's first write may be its mapping, which leaves no log and moves the count of events", async () => {
  const ledger = await testLedger();
  expect((await getMapping(ledger, "main")).mapping.contracts).toEqual([]);
  expect(await ledger.db("ledgers")).toEqual([]);
  expect(await outcomes(ledger, mapping({ a: DOWN_TO_10 }))).toEqual([true]);
  expect(await ledger.db("ledgers").select("name", "next_log", "next_event")).toEqual([
    { name: "main", next_log: 0n, next_event: 1n },
  ]);
  expect(await outcomes(ledger, pay("a > b 10 USD/2"), mapping({}))).toEqual([true, true]);
  expect((await getMapping(ledger, "main")).mapping.contracts).toEqual([]);
  expect(await ledger.db("ledgers").select("next_log", "next_event")).toEqual([
    { next_log: 1n, next_event: 3n },
  ]);
});

test("all mappings are kept, with who set them and when", async () => {
  const ledger = await testLedger();
  await ledger.write("main", mapping({ a: DOWN_TO_10 }));
  await ledger.write("main", mapping({}));
  expect(await ledger.db("mappings").where({ ledger: 1 }).orderBy("event")).toEqual([
    {
      ledger: 1,
      event: 0n,
      date: NOW,
      actor: "tester",
      contracts: `[{"name":"","account":"a","expr":${DOWN_TO_10}}]`,
    },
    { ledger: 1, event: 1n, date: NOW, actor: "tester", contracts: "[]" },
  ]);
});

test("who set the mapping in force, and when, is told over RPC", async () => {
  const ledger = await testLedger();
  const client = clientOf(ledger);
  const unset = await client.getMapping({ ledger: "main" });
  expect([unset.actor, unset.updateTime]).toEqual(["", undefined]);
  await ledger.write("main", mapping({ a: DOWN_TO_10 }));
  const { actor, updateTime } = await client.getMapping({ ledger: "main" });
  expect([actor, updateTime?.seconds]).toEqual(["tester", NOW / 1_000_000n]);
});

test("an update is repeated safely under its key, which stands for that update only", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  const update = mapping({ a: DOWN_TO_10 }, { key: "k" });
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).write("main", update)),
  );
  expect(results.filter((result) => result.ok && !result.value.isReplay)).toHaveLength(1);
  await one.write("main", mapping({ a: '{"$or":[]}' }));
  expect(await other.write("main", update)).toEqual({
    ok: true,
    value: { entries: [], isReplay: true },
  });
  expect((await getMapping(one, "main")).mapping.contracts[0]?.expr).toBe('{"$or":[]}');
  expect(
    await outcomes(
      one,
      mapping({ b: DOWN_TO_10 }, { key: "k" }),
      transaction("world > b 1 USD/2", { key: "k" }),
      transaction("world > b 1 USD/2", { key: "t" }),
      mapping({ a: DOWN_TO_10 }, { key: "t" }),
    ),
  ).toEqual(["idempotency-key-reused", "idempotency-key-reused", true, "idempotency-key-reused"]);
});

test("a mapping is told as it is stored, integers of any size exact", async () => {
  const ledger = await testLedger();
  const client = clientOf(ledger);
  expect(await client.getMapping({ ledger: "main" })).toMatchObject({ data: { contracts: [] } });
  const expr = ' {"$gte": ["$balance", -123456789012345678901234567890]} ';
  const contracts = [
    { name: 'é"\\', account: "^users:*", expr },
    { account: "b", expr },
  ];
  const stored = {
    data: {
      contracts: [
        { name: 'é"\\', account: "^users:*", expr: expr.replaceAll(" ", "") },
        { name: "", account: "b", expr: expr.replaceAll(" ", "") },
      ],
    },
  };
  expect(await client.updateMapping({ ledger: "main", mapping: { contracts } })).toMatchObject(
    stored,
  );
  expect(await client.getMapping({ ledger: "main" })).toMatchObject(stored);
});

const fine = { account: "a", expr: '{"$and":[]}' };

test.each([
  [[fine, { account: "a", expr: "{}" }], "invalid contract 1: expr must be an object with one key"],
  [[{ account: "a" }], "invalid contract 0: expr is no JSON: unexpected end"],
  [
    [{ account: "a", expr: '{"$and":[{"$gte":["$balance",0.5]}]}' }],
    "invalid contract 0: expr.$and[0].$gte[1] must be an integer",
  ],
  [[{ ...fine, account: "(a+)+$" }], "invalid contract 0: account must be at most 250 characters"],
  [
    [{ account: "a", expr: `{"$eq":[1,"${"x".repeat(4096)}"]}` }],
    "invalid contract 0: expr must have at most 4096 characters",
  ],
  [Array(1001).fill(fine), "the mapping is too large: at most 1000 contracts"],
  [
    Array(1000).fill({ account: "a", expr: `{"$eq":[1,"${"x".repeat(300)}"]}` }),
    "the mapping is too large: at most 262144 characters",
  ],
  [
    [{ account: "a", expr: `{"${"x".repeat(3000)}":1}` }],
    `invalid contract 0: expr.${"x".repeat(50)} is no operator`,
  ],
  [
    [{ ...fine, name: "n".repeat(251) }],
    "invalid contract 0: name must have at most 250 characters",
  ],
])(
  "a mapping that is none is refused, and the one before stays: %#",
  async (contracts, message) => {
    const ledger = await testLedger();
    const client = clientOf(ledger);
    await client.updateMapping({ ledger: "main", mapping: { contracts: [fine] } });
    const refused = await refusal(client.updateMapping({ ledger: "main", mapping: { contracts } }));
    expect(refused).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: expect.stringContaining(message),
    });
    expect((await client.getMapping({ ledger: "main" })).data?.contracts).toHaveLength(1);
  },
);
