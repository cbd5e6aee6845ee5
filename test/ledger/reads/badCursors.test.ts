import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { clientOf, refusal } from "../client.js";
import { testLedger, transaction } from "../support.js";
import { busyLedger, LISTS, seconds } from "./busyLedger.js";
import { accounts, allPages, type List, type Query, transactions } from "./lists.js";

/** What goes with a cursor besides it: refused if set, for each list. */
const COMPANIONS: Readonly<Record<string, readonly Query[]>> = {
  transactions: [
    { pageSize: 5 },
    { pageSize: 0 },
    { after: 0n },
    { reference: "x" },
    { account: "x" },
    { source: "x" },
    { destination: "x" },
    { startTime: seconds(0) },
    { endTime: seconds(0) },
  ],
  accounts: [
    { pageSize: 5 },
    { after: "x" },
    { address: "x" },
    { metadata: { odd: "true" } },
    { balance: "1" },
    { balanceOperator: 1 },
  ],
  balances: [{ pageSize: 5 }, { after: "x" }, { address: ["x"] }],
  logs: [{ pageSize: 5 }, { after: 1n }, { startTime: seconds(0) }, { endTime: seconds(0) }],
};

test.each(Object.entries(COMPANIONS))(
  "%s: nothing else goes with a cursor",
  async (name, companions) => {
    const list = LISTS[name] as List;
    const client = clientOf(await busyLedger());
    const { next: cursor } = await list(client, { pageSize: 2 });
    for (const companion of companions) {
      // Checked before the cursor is looked at.
      for (const sent of [cursor, "garbage"]) {
        expect(await refusal(list(client, { cursor: sent, ...companion }))).toMatchObject({
          code: Code.InvalidArgument,
          errorCode: "VALIDATION",
          message: "no other query params can be set with 'cursor'",
        });
      }
    }
  },
);

test("what SDKs repeat beside a cursor may stand there if it says the same", async () => {
  const client = clientOf(await busyLedger());
  const metadata = { odd: "true" };
  const { next: cursor } = await transactions(client, { metadata, pageSize: 2 });
  const { keys } = await transactions(client, { cursor });
  expect((await transactions(client, { cursor, metadata })).keys).toEqual(keys);
  expect(await refusal(transactions(client, { cursor, metadata: { odd: "false" } }))).toMatchObject(
    {
      message: "no other query params can be set with 'cursor'",
    },
  );
  const balanceAsset = "USD/2";
  const page = await accounts(client, { balance: "1", balanceAsset, pageSize: 2 });
  const next = await accounts(client, { cursor: page.next, balanceAsset });
  expect(next).toEqual(await accounts(client, { cursor: page.next }));
});

const forged = (query: object): string => Buffer.from(JSON.stringify(query)).toString("base64url");

test.each(Object.keys(LISTS))("%s: a cursor that is none of ours is refused", async (name) => {
  const list = LISTS[name] as List;
  const client = clientOf(await busyLedger());
  const { next } = await list(client, { pageSize: 2 });
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  const others = Object.values(LISTS).filter((other) => other !== list);
  const cursors = [
    "garbage",
    "%%%",
    "e30",
    "bnVsbA",
    "W10",
    next.slice(0, -3),
    next.slice(3),
    next.toUpperCase(),
    forged({ ...query, pageSize: 1001 }),
    forged({ ...query, pageSize: -1 }),
    forged({ ...query, pageSize: 1.5 }),
    forged({ ...query, pageSize: "2" }),
    forged({ ...query, position: { below: "1", from: "1" } }),
    forged({ ...query, position: { below: 1 } }),
    forged({ ...query, position: { below: "a\0" } }),
    forged({ ...query, position: { above: "1" } }),
    forged({ ...query, more: 1 }),
    ...(await Promise.all(
      others.map(async (other) => (await other(client, { pageSize: 2 })).next),
    )),
  ];
  for (const cursor of cursors) {
    expect(await refusal(list(client, { cursor })), cursor).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: "invalid 'cursor' query param",
    });
  }
});

test.each([
  { position: { below: "9223372036854775808" } },
  { position: { below: "1; drop table logs" } },
  { startTime: "99999999999999999999" },
  { startTime: "-999999999999999999" },
  { startTime: "now()" },
  { metadata: { a: 1 } },
  { metadata: { "a\0": "1" } },
  { reference: "\ud800" },
])("a cursor cannot smuggle in %j", async (forgery) => {
  const client = clientOf(await busyLedger());
  const { next } = await transactions(client, { pageSize: 2 });
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  const cursor = forged({ ...query, ...forgery });
  expect(await refusal(transactions(client, { cursor }))).toMatchObject({
    code: Code.InvalidArgument,
    message: "invalid 'cursor' query param",
  });
});

test("a forged cursor is checked as its query would be", async () => {
  const client = clientOf(await busyLedger());
  const { next } = await accounts(client, { pageSize: 2 });
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  expect(
    await refusal(accounts(client, { cursor: forged({ ...query, address: "(" }) })),
  ).toMatchObject({ message: "invalid regular expression in 'address'" });
  expect(
    await refusal(accounts(client, { cursor: forged({ ...query, balance: "1 or true" }) })),
  ).toMatchObject({ message: "invalid parameter 'balance', should be a number" });
  expect(
    await refusal(accounts(client, { cursor: forged({ ...query, operator: "= 1 or 1 >" }) })),
  ).toMatchObject({ message: "invalid 'cursor' query param" });
});

test("metadata keys of any name travel in a cursor", async () => {
  const ledger = await testLedger();
  const metadata = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  for (let txid = 0; txid < 4; txid++) {
    await ledger.write(
      "main",
      transaction("world > a 1 USD/2", txid % 2 === 0 ? { metadata } : {}),
    );
  }
  const client = clientOf(ledger);
  const query = { metadata, pageSize: 1 };
  expect((await allPages(transactions, client, query)).map(({ keys }) => keys)).toEqual([
    ["2"],
    ["0"],
  ]);
});
