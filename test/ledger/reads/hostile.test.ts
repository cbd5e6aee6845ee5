import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { clientOf, type LedgerClient, refusal } from "../client.js";
import { testLedger, transaction } from "../support.js";

/** Each call with one address filter. */
const FILTERS: Readonly<
  Record<string, (client: LedgerClient, pattern: string) => Promise<object>>
> = {
  account: (client, account) => client.listTransactions({ ledger: "main", account }),
  source: (client, source) => client.listTransactions({ ledger: "main", source }),
  destination: (client, destination) => client.countTransactions({ ledger: "main", destination }),
  "address of accounts": (client, address) => client.listAccounts({ ledger: "main", address }),
  "address of a count": (client, address) => client.countAccounts({ ledger: "main", address }),
  "address of balances": (client, address) =>
    client.getBalances({ ledger: "main", address: [address] }),
  "address of sums": (client, address) => client.getBalancesAggregated({ ledger: "main", address }),
};

/** A ledger with long addresses, on which some patterns take for ever. */
async function longAddresses(queryTimeoutMs: number) {
  const ledger = await testLedger({ limits: { queryTimeoutMs } });
  await ledger.write("main", transaction([`world > ${"a".repeat(1000)} 1 USD/2`]));
  return ledger;
}

/** For back references, PostgreSQL tries all ways to cut the text. */
const CATASTROPHE = "(a+)(a+)(a+)(a+)\\1\\1\\2\\2\\3\\3\\4\\4\\1(\\2|b)";

test.each(Object.entries(FILTERS))(
  "%s: what is no regular expression is refused",
  async (name, filter) => {
    const ledger = await testLedger();
    await ledger.write("main", transaction("world > a 1 USD/2"));
    const client = clientOf(ledger);
    const parameter = name.split(" ")[0];
    // The last two are refused by PostgreSQL alone.
    for (const pattern of ["(", "a)|(b", "[", "*a", "a**", "\\", "a{2,1}", "a{1000}", "[[:no:]]"]) {
      expect(await refusal(filter(client, pattern)), pattern).toMatchObject({
        code: Code.InvalidArgument,
        errorCode: "VALIDATION",
        message: `invalid regular expression in '${parameter}'`,
      });
    }
  },
);

test.each(Object.entries(FILTERS))(
  "%s: a pattern that takes for ever is given up",
  async (name, filter) => {
    const client = clientOf(await longAddresses(200));
    const parameter = name.split(" ")[0];
    expect(await refusal(filter(client, CATASTROPHE))).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      reason: "QUERY_TOO_SLOW",
      message: `the query takes longer than 200 ms: narrow '${parameter}'`,
    });
  },
);

test("all parts that made a query slow are named", async () => {
  const client = clientOf(await longAddresses(200));
  const query = { source: CATASTROPHE, destination: "x.*", metadata: { a: "b" } };
  expect(await refusal(client.listTransactions({ ledger: "main", ...query }))).toMatchObject({
    message: "the query takes longer than 200 ms: narrow 'source', 'destination', 'metadata'",
  });
});

test("patterns that take for ever keep nobody else waiting, and too many of them are refused", async () => {
  const ledger = await longAddresses(300);
  const client = clientOf(ledger);
  let answered = 0;
  const slow = Array.from({ length: 50 }, async () => {
    const { reason } = await refusal(client.listAccounts({ ledger: "main", address: CATASTROPHE }));
    answered++;
    return reason;
  });
  for (let turn = 0; turn < 10; turn++) {
    await client.listTransactions({ ledger: "main", account: "world" });
    await ledger.write("main", transaction("world > b 1 USD/2"));
  }
  expect(answered).toBeLessThan(slow.length);
  const reasons = await Promise.all(slow);
  // Three run at a time, thirty wait.
  expect(reasons.filter((reason) => reason === "QUERY_TOO_SLOW")).toHaveLength(33);
  expect(reasons.filter((reason) => reason === "SEARCHES_FULL")).toHaveLength(17);
}, 60_000);

const INJECTIONS = [
  "'",
  "a' or true --",
  "a]'; drop table logs; --",
  "$1",
  "?",
  ":ledger",
  "\\?",
  "%s",
];

test("text of any kind is no more than text", async () => {
  const ledger = await testLedger();
  const metadata = Object.fromEntries(INJECTIONS.map((text) => [text, text]));
  await ledger.write("main", transaction("world > a 1 USD/2", { metadata, reference: "'?:1" }));
  await ledger.write("main", transaction("world > a 1 USD/2"));
  const client = clientOf(ledger);
  const count = async (filter: object) =>
    (await client.countTransactions({ ledger: "main", ...filter })).count;
  for (const text of INJECTIONS) {
    expect(await count({ metadata: { [text]: text } }), text).toBe(1n);
    expect(await count({ metadata: { [text]: `${text} ` } }), text).toBe(0n);
    expect(await count({ metadata: { [`${text}.x`]: text } }), text).toBe(0n);
    expect(await count({ reference: text }), text).toBe(0n);
    const accounts = { ledger: "main", after: text, balance: "0", balanceAsset: text };
    expect((await client.listAccounts(accounts)).cursor?.data, text).toEqual([]);
  }
  expect(await count({ reference: "'?:1" })).toBe(1n);
});
