import { expect, test } from "vitest";
import { parseInstant } from "../../lib/time.js";
import { type Entry, type Link, link, linkOf } from "./log.js";

const instant = (text: string) => parseInstant(text) ?? 0n;

const ZERO: Entry = {
  type: "NEW_TRANSACTION",
  date: instant("2022-03-29T08:20:28Z"),
  transaction: {
    txid: 0n,
    postings: [],
    reference: null,
    metadata: {},
    timestamp: instant("0001-01-01T00:00:00Z"),
    volumes: [],
  },
};

test("the chain is the reference's, byte for byte", () => {
  const first = link(null, 0n, ZERO);
  const second = link(first, 1n, ZERO);
  expect(first.hash).toBe("839af3514b08e9efecdf578e104f10311801f6d786a2e8d4f5e81e66b0895690");
  expect(second.hash).toBe("9ee060170400f556b7e1575cb13f9db004f150a08355c7431c62bc639166431e");
});

test("a log's text has the reference's keys in its order", () => {
  const transaction: Entry = {
    type: "NEW_TRANSACTION",
    date: instant("2023-07-10T12:00:00.5Z"),
    transaction: {
      txid: 7n,
      postings: [{ source: "world", destination: "a:b", asset: "USD/2", amount: 2n ** 64n }],
      reference: "order <1>",
      metadata: { b: [1.5, null], a: { d: true, c: "x" } },
      timestamp: instant("2023-07-10T12:00:00.5Z"),
      volumes: [],
    },
  };
  expect(link(null, 9n, transaction).json.replace(/"hash":"\w{64}"/, '"hash":""')).toBe(
    '{"id":9,"type":"NEW_TRANSACTION","data":{"postings":[{"source":"world","destination":"a:b","amount":18446744073709551616,"asset":"USD/2"}],"reference":"order \\u003c1\\u003e","metadata":{"a":{"c":"x","d":true},"b":[1.5,null]},"timestamp":"2023-07-10T12:00:00.5Z","txid":7},"hash":"","date":"2023-07-10T12:00:00.5Z"}',
  );
  const date = instant("2023-07-10T12:00:01Z");
  const account: Entry = { type: "SET_METADATA", date, target: { account: "a" }, metadata: {} };
  expect(link(null, 1n, account).json).toContain(
    '"type":"SET_METADATA","data":{"targetType":"ACCOUNT","targetId":"a","metadata":{}}',
  );
  const other: Entry = { ...account, target: { txid: 3n } };
  expect(link(null, 1n, other).json).toContain('"targetType":"TRANSACTION","targetId":3,');
});

test("a log that is read back takes its old place in the chain", () => {
  const placed: Link = link(null, 0n, ZERO);
  expect(linkOf({ id: 0n, entry: ZERO, hash: placed.hash, actor: "client" })).toEqual(placed);
});
