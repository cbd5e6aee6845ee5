import { expect } from "vitest";
import { LedgerService } from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { callRpc, rpcWires } from "../../support/rpcs.js";

const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "1" };
const { createTransaction, watchLogs, streamTransactions } = LedgerService.method;

const write = { ledger: "main", transaction: { postings: [posting] } };

/** Requests to REST, as "GET path" and a body: of each service, of pages, and a stream. */
const REST_WRITES: Readonly<Record<string, string>> = {
  "POST /api/ledger/main/transactions":
    '{"postings":[{"source":"world","destination":"users:1","asset":"EUR/2","amount":1}]}',
  "POST /api/auth/clients": '{"name":"mine"}',
};
const REST_READS = [
  "GET /api/ledger/main/stats",
  "GET /api/ledger/main/logs/watch",
  "GET /api/payments/connectors",
  "GET /api/auth/clients",
  "GET /metrics",
];

/** How a use of a token ends: "ok", or "<HTTP's status> <challenge>: <message>"; RPC has no challenge. */
type Ends = Record<string, string>;

/** Uses a token to write to a ledger, on every wire. */
export async function writeWith(url: string, token: string): Promise<Ends> {
  const ends: Ends = {};
  for (const [name, wire] of Object.entries(rpcWires(url))) {
    ends[`${name}, call`] = tell(await callRpc(wire, createTransaction, { request: write, token }));
    const streamed = await callRpc(wire, streamTransactions, { request: write, token });
    ends[`${name}, stream`] = tell(streamed);
  }
  const [target = "", body = ""] = Object.entries(REST_WRITES)[0] ?? [];
  ends[target] = await callRest(url, target, token, body);
  return ends;
}

/** Uses a token for all sorts of things, on every wire. */
export async function useWith(url: string, token: string): Promise<Ends> {
  const ends = await writeWith(url, token);
  for (const [name, wire] of Object.entries(rpcWires(url))) {
    const request = { ledger: "main" };
    ends[`${name}, watch`] = tell(await callRpc(wire, watchLogs, { request, token }));
  }
  for (const [target, body] of Object.entries(REST_WRITES)) {
    ends[target] = await callRest(url, target, token, body);
  }
  for (const target of REST_READS) ends[target] = await callRest(url, target, token);
  return ends;
}

const STATUS: Readonly<Record<string, string>> = {
  unauthenticated: "401",
  permission_denied: "403",
};

const tell = (answer: string): string =>
  answer.replace(/^(\w+) VALIDATION: /, (_, code) => `${STATUS[code] ?? code} : `);

async function callRest(url: string, target: string, token: string, body?: string) {
  const [method = "", path = ""] = target.split(" ");
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body }),
  });
  if (response.ok) {
    await response.body?.cancel();
    return "ok";
  }
  const { errorMessage } = (await response.json()) as { errorMessage: string };
  const challenge = response.headers.get("www-authenticate") ?? "";
  return `${response.status} ${challenge}: ${errorMessage}`;
}

/** That each of `ends` is a 401 for a bad token, in these words. */
export function expectInvalidToken(ends: Ends, says: RegExp, what: string): void {
  for (const [way, end] of Object.entries(ends)) {
    const [, status, challenge, message] = /^(\w+) (.*?): (.*)$/s.exec(end) ?? [];
    const expected = / \/|^GET /.test(way) ? 'Bearer error="invalid_token"' : "";
    expect([status, challenge], `${what}, ${way}: ${end}`).toEqual(["401", expected]);
    expect(message, `${what}, ${way}`).toMatch(says);
  }
}
