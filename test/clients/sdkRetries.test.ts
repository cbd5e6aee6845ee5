import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { createFlorin, type FlorinOptions, type Retry } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";
import { fakeFlorin } from "./fakeFlorin.js";

const failure = (code: Code, retryAfter?: string) =>
  new ConnectError(
    "try later",
    code,
    retryAfter === undefined ? {} : { "Retry-After": retryAfter },
  );

/** A ledger that fails with `failures` before it answers, and what it was asked. */
async function failing(failures: ConnectError[], options: Partial<FlorinOptions> = {}) {
  const keys: string[] = [];
  const headers: (string | null)[] = [];
  const retries: Retry[] = [];
  let calls = 0;
  const answer = <T>(value: T): T => {
    calls += 1;
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return value;
  };
  const baseUrl = await fakeFlorin({
    auth: { deleteClient: () => answer({}) },
    ledger: {
      readStats: () => answer({ data: { transactions: 7n } }),
      createTransaction(request, context) {
        keys.push(request.idempotencyKey);
        headers.push(context.requestHeader.get("Idempotency-Key"));
        return answer({ data: [{ txid: 3n }] });
      },
      async *verifyLedger() {
        yield answer({});
      },
    },
  });
  const florin = createFlorin({
    baseUrl,
    getToken: () => null,
    transport: "connect",
    onRetry: (retry) => retries.push(retry),
    ...options,
  } as FlorinOptions);
  return { florin, keys, headers, retries, calls: () => calls };
}

test("a read that fails for a moment is repeated, and each repeat is told of", async () => {
  const { florin, retries } = await failing([
    failure(Code.Unavailable),
    failure(Code.ResourceExhausted, "0"),
  ]);
  const { data } = await florin.ledger.readStats({ ledger: "main" });
  expect(data?.transactions).toBe(7n);
  const method = "florin.ledger.v1.LedgerService/ReadStats";
  expect(retries).toMatchObject([
    { method, failures: 1, error: { code: Code.Unavailable, message: "try later" } },
    { method, failures: 2, error: { code: Code.ResourceExhausted } },
  ]);
});

test("a write has one idempotency key, the same for its repeats, and the next write another", async () => {
  const { florin, keys } = await failing([failure(Code.Unavailable)]);
  const request = { ledger: "main" };
  const { data } = await florin.ledger.createTransaction(request);
  expect(data[0]?.txid).toBe(3n);
  await florin.ledger.createTransaction(request);
  const [first, repeat, next] = keys;
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(repeat).toBe(first);
  expect(next).toMatch(/^[0-9a-f]{32}$/);
  expect(next).not.toBe(first);
  expect(request).toEqual({ ledger: "main" });
});

test("a key of the caller's own stays, in the request or in the header", async () => {
  const { florin, keys, headers } = await failing([failure(Code.Unavailable)]);
  await florin.ledger.createTransaction({ ledger: "main", idempotencyKey: "order 7" });
  await florin.ledger.createTransaction(
    { ledger: "main" },
    { headers: { "idempotency-key": "order 8" } },
  );
  expect(keys).toEqual(["order 7", "order 7", "order 8"]);
  expect(headers).toEqual([null, null, "order 8"]);
});

test("an empty key is none: the write gets one of its own", async () => {
  const { florin, keys } = await failing([failure(Code.Unavailable)]);
  await florin.ledger.createTransaction({ ledger: "main" }, { headers: { "Idempotency-Key": "" } });
  const unset = null as unknown as string;
  await florin.ledger.createTransaction({ ledger: "main", idempotencyKey: unset });
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).toMatch(/^[0-9a-f]{32}$/);
});

test("a repeat says what the call said, though its caller has changed the request since", async () => {
  const said: string[] = [];
  const baseUrl = await fakeFlorin({
    ledger: {
      createTransaction({ transaction }) {
        said.push(transaction?.reference ?? "");
        if (said.length === 1) throw failure(Code.Unavailable);
        return {};
      },
    },
  });
  const transaction = { reference: "order 7" };
  const onRetry = () => {
    transaction.reference = "order 8";
  };
  const florin = createFlorin({ baseUrl, getToken: () => null, transport: "connect", onRetry });
  await florin.ledger.createTransaction({ ledger: "main", idempotencyKey: "7", transaction });
  expect(said).toEqual(["order 7", "order 7"]);
});

test("a write that takes no key is not repeated, and neither is a stream", async () => {
  const write = await failing([failure(Code.Unavailable)]);
  await expect(write.florin.auth.deleteClient({ clientId: "shop" })).rejects.toThrow("try later");
  expect(write.calls()).toBe(1);

  const stream = await failing([failure(Code.Unavailable)]);
  const events = stream.florin.ledger.verifyLedger({ ledger: "main" })[Symbol.asyncIterator]();
  await expect(events.next()).rejects.toThrow("try later");
  expect(stream.calls()).toBe(1);
});

test.each([
  Code.FailedPrecondition,
  Code.Internal,
  Code.Aborted,
  Code.Canceled,
  Code.Unknown,
  // Without Retry-After it says that the request is too large.
  Code.ResourceExhausted,
])("a refusal with code %d is final", async (code) => {
  const { florin, calls } = await failing([failure(code)]);
  await expect(florin.ledger.readStats({ ledger: "main" })).rejects.toMatchObject({ code });
  expect(calls()).toBe(1);
});

test("a call is repeated as often as allowed, and fails with what it failed with last", async () => {
  const failures = Array.from({ length: 9 }, (_, index) =>
    Object.assign(failure(Code.Unavailable), { rawMessage: `failure ${index}` }),
  );
  const { florin, calls } = await failing(failures, { maxRetries: 2 });
  await expect(florin.ledger.readStats({ ledger: "main" })).rejects.toThrow("failure 2");
  expect(calls()).toBe(3);
});

test("a wait that would outlast the deadline is not begun", async () => {
  const { florin, retries } = await failing([failure(Code.Unavailable, "60")]);
  const read = florin.ledger.readStats({ ledger: "main" }, { timeoutMs: 50_000 });
  await expect(read).rejects.toMatchObject({ code: Code.Unavailable, message: "try later" });
  expect(retries).toEqual([]);
});

test("the deadline is the client's, unless the call has its own, and holds for all repeats", async () => {
  const timeouts: number[] = [];
  const baseUrl = await fakeFlorin({
    ledger: {
      readStats(_, context) {
        timeouts.push(context.timeoutMs() ?? Number.POSITIVE_INFINITY);
        if (timeouts.length % 2 === 1) throw failure(Code.Unavailable);
        return {};
      },
    },
  });
  const options = { baseUrl, getToken: () => null, transport: "connect" } as const;
  const read = (florin: ReturnType<typeof createFlorin>, timeoutMs?: number) =>
    florin.ledger.readStats({ ledger: "main" }, timeoutMs === undefined ? {} : { timeoutMs });
  await read(createFlorin(options));
  await read(createFlorin({ ...options, timeoutMs: 20_000 }));
  await read(createFlorin(options), 10_000);
  await read(createFlorin(options), 0);
  const [a = 0, a2 = 0, b = 0, b2 = 0, c = 0, c2 = 0, ...endless] = timeouts;
  for (const [first, second, limit] of [
    [a, a2, 30_000],
    [b, b2, 20_000],
    [c, c2, 10_000],
  ] as const) {
    expect(first).toBeLessThanOrEqual(limit);
    expect(first).toBeGreaterThan(limit / 2);
    expect(second).toBeLessThanOrEqual(first - 100);
  }
  expect(endless).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test("a call that is cancelled while it waits ends at once, as cancelled", async () => {
  const controller = new AbortController();
  const { florin, calls } = await failing([failure(Code.Unavailable, "3000")], {
    timeoutMs: 0,
    onRetry: () => controller.abort(),
  });
  const read = florin.ledger.readStats({ ledger: "main" }, { signal: controller.signal });
  await expect(read).rejects.toMatchObject({ name: "FlorinError", code: Code.Canceled });
  expect(calls()).toBe(1);
});

test.each(["grpc", "connect"] as const)(
  "over %s a deadline that is too far is none",
  async (transport) => {
    const { url, clientId, clientSecret } = await startTestApp();
    for (const timeoutMs of [99_999_999, 100_000_000, 2 ** 31, Number.POSITIVE_INFINITY]) {
      const options = { baseUrl: url, clientId, clientSecret, transport, timeoutMs };
      const { ledger } = createFlorin(options);
      await expect(ledger.readStats({ ledger: "main" })).resolves.toBeDefined();
    }
  },
);

test("what onRetry throws ends the call", async () => {
  const fault = new TypeError("the log is full");
  const { florin, calls } = await failing([failure(Code.Unavailable)], {
    onRetry() {
      throw fault;
    },
  });
  await expect(florin.ledger.readStats({ ledger: "main" })).rejects.toBe(fault);
  expect(calls()).toBe(1);
});
