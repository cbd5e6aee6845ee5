import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { spelledAs } from "../../src/server/spelling.js";
import { fixtureMessage } from "./fixture.js";
import { serveRest } from "./serveRest.js";

/** The request message that a query becomes, without what is not set. */
async function bind(query: string): Promise<Record<string, unknown>> {
  let seen: Record<string, unknown> = {};
  const { send } = await serveRest({
    query(request: Record<string, unknown>) {
      seen = request;
      return {};
    },
  });
  const { status, body } = await send("GET", `/test/query?${query}`);
  expect([status, body]).toEqual([200, "{}"]);
  const empty = create(fixtureMessage("QueryRequest")) as unknown as Record<string, unknown>;
  const isSet = ([name, value]: [string, unknown]) =>
    !Object.is(JSON.stringify(value, text), JSON.stringify(empty[name], text));
  return Object.fromEntries(Object.entries(seen).filter(isSet));
}

const text = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);

async function refusal(query: string): Promise<unknown> {
  const { send } = await serveRest({ query: () => ({}) });
  const { status, body } = await send("GET", `/test/query?${query}`);
  const { errorCode, errorMessage } = JSON.parse(body);
  expect([status, errorCode]).toEqual([400, "VALIDATION"]);
  return errorMessage;
}

test("parameters are read by the types of their fields", async () => {
  const query =
    "text=a%20b+c&pageSize=5&after=18446744073709551615&startTime=2023-07-10T12%3A00%3A00.5Z" +
    "&balance=-123456789012345678901234567890&color=light+blue&period=1m&offset=-3";
  expect(await bind(query)).toMatchObject({
    text: "a b c",
    pageSize: 5,
    after: 2n ** 64n - 1n,
    startTime: { seconds: BigInt(Date.UTC(2023, 6, 10, 12) / 1000), nanos: 500_000_000 },
    balance: "-123456789012345678901234567890",
    colour: 2,
    period: { seconds: 60n },
    offset: -3,
  });
});

test.each(["", "&&&", "?&", "unknown=1&=2&&"])("%j binds nothing", async (query) => {
  expect(await bind(query)).toEqual({});
});

test("empty pieces between parameters do no harm", async () => {
  expect(await bind("&&&pageSize=3&")).toEqual({ pageSize: 3 });
});

test("an empty value is no value", async () => {
  expect(
    await bind("text=&preview=&pageSize=&after=&startTime=&balance=&color=&sort=&limit=&text"),
  ).toEqual({});
});

test("0 is a value", async () => {
  expect(await bind("pageSize=0")).toEqual({ pageSize: 0 });
});

test.each(["true", "YES", "1", "True"])("preview=%s is yes", async (value) => {
  expect(await bind(`preview=${value}`)).toEqual({ preview: true });
});

test.each(["false", "NO", "0"])("preview=%s is no", async (value) => {
  expect(await bind(`preview=${value}`)).toEqual({});
});

test.each([
  ["preview=ture", "invalid 'preview' query param"],
  ["dryRun=yess", "invalid 'dryRun' query param"],
  ["pageSize=abc", "invalid 'pageSize' query param"],
  ["pageSize=-1", "invalid 'pageSize' query param"],
  ["pageSize=1.5", "invalid 'pageSize' query param"],
  ["pageSize=4294967296", "invalid 'pageSize' query param"],
  ["page_size=x", "invalid 'page_size' query param"],
  ["after=18446744073709551616", "invalid 'after' query param"],
  ["startTime=2023-07-10", "invalid 'startTime' query param"],
  ["start_time=now", "invalid 'start_time' query param"],
  ["balance=1e3", "invalid parameter 'balance', should be a number"],
  ["color=red", "invalid parameter 'color', should be one of 'RED, light blue'"],
  ["color=UNSPECIFIED", "invalid parameter 'color', should be one of 'RED, light blue'"],
  ["period=1", "invalid 'period' query param"],
  ["limit=x", "that is no limit"],
  ["text=%zz", "invalid percent-encoding in the query: %zz"],
  ["text=%ff", "invalid percent-encoding in the query: %ff"],
])("%s is refused", async (query, message) => {
  expect(await refusal(query)).toBe(message);
});

test("query_alias: the main name wins, and the alias is then not even read", async () => {
  expect(await bind("page_size=7")).toEqual({ pageSize: 7 });
  expect(await bind("page_size=x&pageSize=7")).toEqual({ pageSize: 7 });
  expect(await bind("pageSize=&page_size=7")).toEqual({ pageSize: 7 });
});

test("query_name replaces the field's own name", async () => {
  expect(await bind("colour=RED")).toEqual({});
  expect(await bind("color=RED")).toEqual({ colour: 1 });
});

test("the first of repeated scalars wins", async () => {
  expect(await bind("text=a&text=b")).toEqual({ text: "a" });
});

test("a repeated field takes them all", async () => {
  expect(await bind("sort=date%3Aasc&sort=status:desc")).toEqual({
    sort: ["date:asc", "status:desc"],
  });
});

test("query_map: the key stands between the first brackets, raw or encoded", async () => {
  expect(await bind("metadata[a]=1&metadata%5Bb.c%5D=x%26y&metadata[empty]=")).toEqual({
    metadata: { a: "1", "b.c": "x&y", empty: "" },
  });
  expect(await bind("metadata[a]=1&metadata[a]=2&metadata[b][c]=3")).toEqual({
    metadata: { a: "1", b: "3" },
  });
  expect(await bind("metadata[]=1&metadata=2&metadata[=3&other[a]=4&[a]=5")).toEqual({});
  const { metadata } = await bind("metadata[__proto__]=x");
  expect(Object.entries(metadata as object)).toEqual([["__proto__", "x"]]);
});

test("fields bound elsewhere have no parameter", async () => {
  expect(await bind("key=a&idempotencyKey=b&secret=c&Idempotency-Key=d")).toEqual({});
});

test("handlers hear how a parameter was spelled", async () => {
  const spelled: string[] = [];
  const { send } = await serveRest({
    query(_: unknown, context: HandlerContext) {
      spelled.push(spelledAs(context, "pageSize"));
      return {};
    },
  });
  for (const query of ["", "?pageSize=1", "?page_size=1", "?pageSize=1&page_size=2"]) {
    await send("GET", `/test/query${query}`);
  }
  expect(spelled).toEqual(["pageSize", "pageSize", "page_size", "pageSize"]);
});
