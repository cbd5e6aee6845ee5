import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { FlorinError } from "./florinError.js";
import { streamTransactions } from "./streamTransactions.js";

type Call = Parameters<typeof streamTransactions>[0];
type Request = Parameters<Call>[0] extends AsyncIterable<infer Item> ? Item : never;

/** A connection: takes so many requests, answers so many of them, and ends as it says. */
interface Connection {
  readonly takes: number;
  readonly answers: number;
  readonly error?: Code;
}

/** The stream over `connections`, one after the other; the last one takes everything. */
async function converse(requests: AsyncIterable<Request>, connections: Connection[]) {
  const rounds: Request[][] = [];
  const call = async function* (incoming: AsyncIterable<Request>) {
    const seen: Request[] = [];
    rounds.push(seen);
    const { takes = Number.POSITIVE_INFINITY, answers, error } = connections.shift() ?? {};
    for await (const request of incoming) {
      seen.push(request);
      if (seen.length >= takes) break;
    }
    for (const { idempotencyKey } of seen.slice(0, answers)) {
      const value = { reference: idempotencyKey };
      yield { result: { case: "transaction", value } };
    }
    if (error !== undefined) throw new FlorinError(new ConnectError("broken", error));
  } as unknown as Call;
  const answers: string[] = [];
  const patience = { maxRetries: 4, onRetry: () => {} };
  for await (const { result } of streamTransactions(call, patience)(requests)) {
    if (result.case === "transaction") answers.push(result.value.reference);
  }
  return { rounds, answers };
}

async function* numbered(count: number): AsyncGenerator<Request> {
  for (let index = 0; index < count; index++) {
    yield { ...(index === 0 && { ledger: "main" }), idempotencyKey: `k${index}` };
  }
}

const keys = (requests: Request[] = []) => requests.map(({ idempotencyKey }) => idempotencyKey);

test("what is unanswered is sent first, each naming its ledger, then what is new", async () => {
  const { rounds, answers } = await converse(numbered(5), [
    { takes: 3, answers: 1, error: Code.Unavailable },
    { takes: 2, answers: 0, error: Code.Unauthenticated },
  ]);
  expect(rounds.map(keys)).toEqual([
    ["k0", "k1", "k2"],
    ["k1", "k2"],
    ["k1", "k2", "k3", "k4"],
  ]);
  expect(rounds.flat().every(({ ledger }) => ledger === "main")).toBe(true);
  expect(answers).toEqual(["k0", "k1", "k2", "k3", "k4"]);
});

test("an end that comes before all answers is no end", async () => {
  const { answers } = await converse(numbered(3), [
    { takes: 3, answers: 2 },
    { takes: 1, answers: 1 },
  ]);
  expect(answers).toEqual(["k0", "k1", "k2"]);
});

test("a request without a key has one of its own, the same each time", async () => {
  async function* keyless(): AsyncGenerator<Request> {
    yield { ledger: "main" };
    yield { ledger: "main" };
  }
  const { rounds } = await converse(keyless(), [{ takes: 2, answers: 0, error: Code.Unavailable }]);
  const [first, again] = rounds.map(keys);
  expect(again).toEqual(first);
  expect(new Set(first).size).toBe(2);
  expect(first?.[0]).toMatch(/^[0-9a-f]{32}$/);
});

test("an iteration that gives its items at once, as JavaScript lets it, is gone through", async () => {
  let left = 0;
  const results = [{ done: false, value: { idempotencyKey: "k0" } }, { done: true }];
  const iterator = { next: () => results.shift(), return: () => ++left };
  const requests = { [Symbol.asyncIterator]: () => iterator };
  const { answers } = await converse(requests as unknown as AsyncIterable<Request>, []);
  expect(answers).toEqual(["k0"]);
  expect(left).toBe(1);
});
