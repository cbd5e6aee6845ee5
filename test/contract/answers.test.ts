import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { onLoopback } from "../support/onLoopback.js";
import { type Answer, createCheck } from "../support/published/checkAnswer.js";
import { hasDocument } from "../support/published/document.js";
import { TOLERATED } from "../support/published/tolerated.js";
import { takeProblems } from "../support/published/watchFetch.js";

const json = { "content-type": "application/json; charset=utf-8" };

/** "GET /main/stats" or "GET /api/auth/users", and what was answered. */
function answer(call: string, status: number, value: unknown, headers: object = json): Answer {
  const [verb = "", below = ""] = call.split(" ");
  const path = below.startsWith("/api/") ? below : `/api/ledger${below}`;
  const body = typeof value === "string" ? value : JSON.stringify(value);
  return { verb, path, status, headers: new Headers({ ...headers }), body };
}

const STATS = "GET /main/stats";
const LOGS = "GET /main/logs";
const COUNT = "HEAD /main/accounts";
const READ = "GET /main/transactions/0";
const stats = { accounts: 2, transactions: 1 };
const posting = { source: "world", destination: "a", asset: "USD/2", amount: 1 };
const transaction = { txid: 0, postings: [posting], timestamp: "2023-07-10T12:00:00Z" };
const log = {
  id: 0,
  type: "SET_METADATA",
  data: { any: 1 },
  hash: "",
  date: "2023-07-10T12:00:00Z",
};
const page = (...data: unknown[]) => ({ cursor: { pageSize: 15, hasMore: false, data } });
const CLIENT = "GET /api/auth/clients/a";
const secret = { id: "1", name: "", lastDigits: "" };
const client = { name: "", public: false, id: "a", scopes: [], secrets: [secret] };
const error = { errorCode: "VALIDATION", error_code: "VALIDATION" };

const GOOD: readonly Answer[] = [
  answer(STATS, 200, { data: stats }),
  answer(READ, 200, { data: transaction }),
  answer(READ, 404, { errorCode: "NOT_FOUND", errorMessage: "", error_code: "NOT_FOUND" }),
  answer(LOGS, 200, page(log)),
  answer(COUNT, 200, "", { count: "7" }),
  answer(COUNT, 400, "", {}),
  answer("POST /main/accounts/a/metadata", 204, "", {}),
  answer("GET /main/mapping", 200, { data: { contracts: [] } }),
  answer("GET /nowhere/at/all", 404, error),
  answer(CLIENT, 200, { data: client }),
  answer("GET /api/auth/_info", 200, { version: "v1" }),
  answer("GET /main/verify", 200, "ours to shape", {}),
];

/** What each tolerance is there for. */
const TOLERABLE: Readonly<Record<string, Answer>> = {
  "error code NOT_FOUND": answer(READ, 404, { errorCode: "NOT_FOUND", error_code: "VALIDATION" }),
  "error_code and error_message beside errorCode and errorMessage": answer(STATS, 400, error),
  "page_size and has_more beside pageSize and hasMore": answer(LOGS, 200, {
    cursor: { pageSize: 15, page_size: 15, hasMore: false, has_more: false, data: [] },
  }),
  'Contract.required: ["accounts", …]': answer("GET /main/mapping", 200, {
    data: { contracts: [{ account: "a", expr: {} }] },
  }),
  "the name of a contract": answer("GET /main/mapping", 200, {
    data: { contracts: [{ name: "", account: "a", expr: {} }] },
  }),
  "a negative number among an account's volumes": answer("GET /main/accounts/world", 200, {
    data: { address: "world", volumes: { USD: { input: 0, output: 1, balance: -1 } } },
  }),
  "amounts, volumes and balances beyond 64 bits": answer(
    "GET /main/aggregate/balances",
    200,
    '{"data":{"ETH/18":170141183460469231731687303715884105728}}',
  ),
  "refusals of /script by status": answer("POST /main/script", 400, error),
  "refusals of Auth by status": answer(CLIENT, 404, error),
};

const BAD: Readonly<Record<string, Answer>> = {
  "a field too few": answer(STATS, 200, { data: { accounts: 2 } }),
  "a field too many": answer(STATS, 200, { data: { ...stats, more: 1 } }),
  "a field too many, deep in a list": answer(LOGS, 200, page({ ...log, actor: "me" })),
  "what only a part of the schema requires": answer(CLIENT, 200, { data: { name: "" } }),
  "what the other part requires": answer(CLIENT, 200, { data: { ...client, name: undefined } }),
  "a field of neither part": answer(CLIENT, 200, { data: { ...client, createdAt: "" } }),
  "a hash of a secret": answer(CLIENT, 200, {
    data: { ...client, secrets: [{ ...secret, hash: "" }] },
  }),
  "no envelope": answer(STATS, 200, stats),
  "a text for an integer": answer(STATS, 200, { data: { ...stats, accounts: "2" } }),
  "a fraction for an integer": answer(STATS, 200, '{"data":{"accounts":2.0,"transactions":1}}'),
  "an exponent for an integer": answer(STATS, 200, '{"data":{"accounts":2e0,"transactions":1}}'),
  "a count below zero": answer(STATS, 200, { data: { ...stats, accounts: -1 } }),
  "a count beyond 64 bits": answer(
    STATS,
    200,
    `{"data":{"accounts":${2n ** 63n},"transactions":1}}`,
  ),
  "a negative amount": answer(READ, 200, {
    data: { ...transaction, postings: [{ ...posting, amount: -1 }] },
  }),
  "null for a list": answer(READ, 200, { data: { ...transaction, postings: null } }),
  "null for a text": answer(READ, 200, { data: { ...transaction, reference: null } }),
  "a list for an object": answer("POST /main/transactions", 200, { data: transaction }),
  "a time without a zone": answer(READ, 200, {
    data: { ...transaction, timestamp: "2023-07-10T12:00:00" },
  }),
  "a time with a space": answer(READ, 200, {
    data: { ...transaction, timestamp: "2023-07-10 12:00:00Z" },
  }),
  "a type of log that is none": answer(LOGS, 200, page({ ...log, type: "UPDATED_MAPPING" })),
  "a code that is none": answer(STATS, 400, { ...error, errorCode: "TIMEOUT" }),
  "an error without its code": answer(STATS, 400, { errorCode: "VALIDATION" }),
  "an error that is empty": answer(STATS, 500, ""),
  "an error of another kind where no route is": answer("GET /nowhere", 404, "not found", {}),
  "a status that is not documented": answer("POST /main/transactions", 201, { data: [] }),
  "no content where some is documented": answer(STATS, 200, "", {}),
  "content where none is documented": answer("POST /main/accounts/a/metadata", 204, {}),
  "content to HEAD": answer(COUNT, 400, error),
  "a type without content": answer(COUNT, 200, "", { ...json, count: "7" }),
  "no count": answer(COUNT, 200, "", {}),
  "a count that is none": answer(COUNT, 200, "", { count: "many" }),
  "another type": answer(STATS, 200, { data: stats }, { "content-type": "text/plain" }),
  "no JSON": answer(STATS, 200, '{"data":{"accounts":2,"transactions":1}'),
};

describe.skipIf(!hasDocument)("against the published document", () => {
  test("an answer as documented is let pass", () => {
    const check = createCheck();
    for (const good of GOOD) expect(check(good)).toEqual([]);
  });

  test("each thing that is tolerated is a thing that would be refused", () => {
    expect(Object.keys(TOLERABLE)).toEqual(TOLERATED.map(({ what }) => what));
    for (const tolerance of TOLERATED) {
      const sample = TOLERABLE[tolerance.what] as Answer;
      const strict = createCheck(TOLERATED.filter((other) => other !== tolerance));
      expect(createCheck()(sample), tolerance.what).toEqual([]);
      expect(strict(sample), tolerance.what).not.toEqual([]);
    }
  });

  test.each(Object.entries(BAD))("%s is found out", (_, bad) => {
    expect(createCheck()(bad)).not.toEqual([]);
  });

  test("every answer that a test fetches is looked at", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, json).end('{"data":{"accounts":-1}}');
    });
    await fetch(`http://${await onLoopback(server)}/api/ledger/main/stats?x=1`);
    expect(await takeProblems()).toEqual([
      `GET /api/ledger/main/stats 200: /data must have required property 'transactions' {"missingProperty":"transactions"}`,
      'GET /api/ledger/main/stats 200: /data/accounts must pass "integer" keyword validation {}',
      // What our own document says against it.
      `GET /api/ledger/main/stats 200: /data must have required property 'transactions' {"missingProperty":"transactions"}`,
      'GET /api/ledger/main/stats 200: /data/accounts must be >= 0 {"comparison":">=","limit":0}',
    ]);
  });
});
