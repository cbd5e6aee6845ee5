import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { createFlorin as createBrowserFlorin } from "../../sdk/src/browser.js";
import { createFlorin, FlorinError } from "../../sdk/src/node.js";
import { fakeFlorin } from "./fakeFlorin.js";

const getToken = () => null;

const refusal = () =>
  new ConnectError("account users:1 has 3 EUR/2, 5 needed", Code.FailedPrecondition, undefined, [
    {
      desc: ErrorInfoSchema,
      value: {
        reason: "INSUFFICIENT_FUNDS",
        domain: "florin",
        metadata: { errorCode: "INSUFFICIENT_FUND", account: "users:1", available: "3" },
      },
    },
  ]);

const refused = {
  code: Code.FailedPrecondition,
  message: "account users:1 has 3 EUR/2, 5 needed",
  errorCode: "INSUFFICIENT_FUND",
  reason: "INSUFFICIENT_FUNDS",
  metadata: { account: "users:1", available: "3" },
};

test.each([
  ["node", createFlorin],
  ["browser", createBrowserFlorin],
])("on %s a refusal carries its codes, its reason and the facts", async (_, create) => {
  const baseUrl = await fakeFlorin({
    ledger: {
      createTransaction() {
        throw refusal();
      },
    },
  });
  const { ledger } = create({ baseUrl, getToken, transport: "connect" });
  const failure = await ledger.createTransaction({ ledger: "main" }).catch((error) => error);
  expect(failure).toBeInstanceOf(FlorinError);
  expect(failure).toMatchObject(refused);
  expect(failure.cause).toBeInstanceOf(ConnectError);
});

test("a stream that fails halfway gives what came before, then the refusal", async () => {
  const baseUrl = await fakeFlorin({
    ledger: {
      async *watchLogs() {
        yield { log: { id: 0n } };
        throw refusal();
      },
    },
  });
  const { ledger } = createFlorin({ baseUrl, getToken, transport: "connect" });
  const ids: (bigint | undefined)[] = [];
  const watch = async () => {
    for await (const { log } of ledger.watchLogs({ ledger: "main" })) ids.push(log?.id);
  };
  const failure = await watch().catch((error) => error);
  expect(ids).toEqual([0n]);
  expect(failure).toBeInstanceOf(FlorinError);
  expect(failure).toMatchObject(refused);
});

test("an error without details has none, and a timeout is a FlorinError too", async () => {
  const baseUrl = await fakeFlorin({ ledger: { getInfo: () => new Promise(() => {}) } });
  const { ledger } = createFlorin({ baseUrl, getToken, transport: "connect" });
  await expect(ledger.readStats({ ledger: "main" })).rejects.toMatchObject({
    name: "FlorinError",
    code: Code.Unimplemented,
    errorCode: null,
    reason: null,
    metadata: {},
  });
  await expect(ledger.getInfo({}, { timeoutMs: 50 })).rejects.toMatchObject({
    name: "FlorinError",
    code: Code.DeadlineExceeded,
  });
});

test("a browser is told that it cannot speak gRPC", () => {
  const options = { baseUrl: "http://127.0.0.1:1", getToken, transport: "grpc" } as const;
  expect(() => createBrowserFlorin(options)).toThrow("browsers cannot speak gRPC");
});

test.each([createFlorin, createBrowserFlorin])("what is missing is told at once", (create) => {
  const unset = undefined as unknown as string;
  for (const baseUrl of [unset, "", "localhost:8080"]) {
    expect(() => create({ baseUrl, getToken })).toThrow("baseUrl must be a URL");
  }
  const baseUrl = "http://127.0.0.1:1";
  for (const [clientId, clientSecret] of [
    [unset, "secret"],
    ["shop", unset],
    ["shop", ""],
  ] as const) {
    const options = { baseUrl, clientId, clientSecret };
    expect(() => create(options)).toThrow("clientId and clientSecret, or getToken");
  }
});

test.each([createFlorin, createBrowserFlorin])(
  "limits that are no numbers are refused",
  (create) => {
    const options = { baseUrl: "http://127.0.0.1:1", getToken };
    const unset = Number(undefined);
    expect(() => create({ ...options, maxRetries: unset })).toThrow("maxRetries must be 0 or more");
    expect(() => create({ ...options, timeoutMs: unset })).toThrow("timeoutMs must be 0 or more");
    expect(() => create({ ...options, timeoutMs: -1 })).toThrow("timeoutMs must be 0 or more");
    create({ ...options, timeoutMs: 0, maxRetries: Number.POSITIVE_INFINITY });
  },
);
