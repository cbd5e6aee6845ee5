import type { CallOptions } from "@connectrpc/connect";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { AuthService } from "../../../gen/florin/auth/v1/auth_pb.js";
import { LedgerService } from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { fail, ok, type Result } from "../../lib/result.js";
import { systemClock } from "../../lib/time.js";
import type { ApiError } from "../../server/apiError.js";
import { type Principal, principalKey } from "../../server/principal.js";
import type { AccessToken, TokenRefusal } from "../domain/accessToken.js";
import { authenticate } from "./authenticate.js";

const shop: AccessToken = {
  kind: "client",
  subject: "shop",
  clientId: "shop",
  scopes: null,
  expiresAt: systemClock() + 3_600_000_000n,
  jti: "shop's token",
  grant: null,
};

/** Services behind `authenticate`, that knows the tokens of `bearers`; `seen` is whom the last handler saw. */
function start({ isEnabled = true, bearers = { good: ok(shop) } as Bearers } = {}) {
  const seen: { principal?: Principal | null } = {};
  const isEnded = vi.fn();
  const listeners = new Set<() => void>();
  const transport = createRouterTransport(
    (router) => {
      router.service(AuthService, {
        getServerInfo: () => ({ version: "v1" }),
        listClients: () => ({}),
      });
      router.service(Health, { check: () => ({}) });
      router.service(LedgerService, {
        getInfo(_request, { values }) {
          seen.principal = values.get(principalKey);
          return {};
        },
        async *watchLogs(_request, { signal }) {
          yield {};
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          isEnded();
        },
        async importLogs(requests) {
          for await (const _ of requests);
          return {};
        },
      });
    },
    {
      router: {
        interceptors: [
          authenticate({
            verify: async (token) =>
              bearers[token] ?? fail({ kind: "token-invalid", detail: "unknown" }),
            onForget: (_token, listener) => {
              listeners.add(listener);
              return () => listeners.delete(listener);
            },
            isEnabled,
            clock: systemClock,
          }),
        ],
      },
    },
  );
  return {
    seen,
    isEnded,
    listeners,
    auth: createClient(AuthService, transport),
    health: createClient(Health, transport),
    ledger: createClient(LedgerService, transport),
  };
}

type Bearers = Record<string, Result<AccessToken, TokenRefusal>>;

const bearing = (authorization: string): CallOptions => ({
  headers: { Authorization: authorization },
});

const errorOf = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => expect.unreachable(),
    (error) => error,
  );

test("a handler learns who calls", async () => {
  const { ledger, seen } = start();
  await ledger.getInfo({}, bearing("Bearer good"));
  expect(seen.principal).toEqual(shop);
});

test("the scheme may be written in any case", async () => {
  const { ledger } = start();
  for (const scheme of ["bearer", "BEARER", "Bearer  "]) {
    await ledger.getInfo({}, bearing(`${scheme} good`));
  }
});

test.each(["", "good", "Basic Z29vZDo=", "Bearer", "Bearer ", "Bearer good good", "Bearer go{d"])(
  "refuses a call with the header %j",
  async (header) => {
    const { ledger, seen } = start();
    const error = await errorOf(ledger.getInfo({}, bearing(header)));
    expect(error.code).toBe(Code.Unauthenticated);
    expect(seen).toEqual({});
  },
);

test("a missing token is a challenge, a bad one says so", async () => {
  const { ledger } = start();
  const missing = await errorOf(ledger.getInfo({}));
  expect(missing.metadata.get("WWW-Authenticate")).toBe("Bearer");
  const bad = await errorOf(ledger.getInfo({}, bearing("Bearer bad")));
  expect(bad.metadata.get("WWW-Authenticate")).toBe('Bearer error="invalid_token"');
  expect(bad.rawMessage).toBe("the access token is not valid: unknown");
});

test("open methods, health included, ask for no token", async () => {
  const { auth, health } = start();
  expect(await auth.getServerInfo({})).toMatchObject({ version: "v1" });
  await health.check({});
});

test("with auth off, the ledger is open and knows nobody, but auth stays closed", async () => {
  const { auth, ledger, seen } = start({ isEnabled: false });
  await ledger.getInfo({});
  expect(seen).toEqual({ principal: null });
  expect((await errorOf(auth.listClients({}))).code).toBe(Code.Unauthenticated);
});

describe("a stream ends with its token:", () => {
  /** A token that is good until it expires, in two milliseconds of a clock that the test moves. */
  function expiring(): Bearers {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const expiresAt = systemClock() + 2_000n;
    return {
      get good() {
        return systemClock() < expiresAt
          ? ok({ ...shop, expiresAt })
          : fail({ kind: "token-expired" });
      },
    };
  }

  test("what it sends stops, and its handler is told", async () => {
    const { ledger, isEnded } = start({ bearers: expiring() });
    const stream = ledger.watchLogs({ ledger: "main" }, bearing("Bearer good"));
    const messages = stream[Symbol.asyncIterator]();
    expect(await messages.next()).toMatchObject({ done: false });
    const end = errorOf(messages.next());
    await vi.advanceTimersByTimeAsync(3);
    expect(await end).toMatchObject({
      code: Code.Unauthenticated,
      rawMessage: "the access token has expired",
    });
    vi.useRealTimers();
    await vi.waitFor(() => expect(isEnded).toHaveBeenCalled());
  });

  test("what it receives stops", async () => {
    const { ledger } = start({ bearers: expiring() });
    const isReading = vi.fn();
    const upload = (async function* () {
      yield {};
      isReading();
      await new Promise(() => {});
    })();
    const end = errorOf(ledger.importLogs(upload, bearing("Bearer good")));
    while (isReading.mock.calls.length === 0) await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(3);
    expect((await end).code).toBe(Code.Unauthenticated);
    vi.useRealTimers();
  });

  test("at once when it is forgotten and found dead", async () => {
    const bearers: Bearers = { good: ok(shop) };
    const { ledger, listeners } = start({ bearers });
    const stream = ledger.watchLogs({ ledger: "main" }, bearing("Bearer good"));
    const messages = stream[Symbol.asyncIterator]();
    expect(await messages.next()).toMatchObject({ done: false });
    const end = errorOf(messages.next());
    for (const listener of listeners) listener();
    bearers["good"] = fail({ kind: "token-revoked" });
    for (const listener of listeners) listener();
    expect(await end).toMatchObject({
      code: Code.Unauthenticated,
      rawMessage: "the access token was revoked",
    });
    await vi.waitFor(() => expect(listeners.size).toBe(0));
  });

  test("when it loses the scope that the stream needs", async () => {
    const bearers: Bearers = { good: ok(shop) };
    const { ledger, listeners } = start({ bearers });
    const stream = ledger.watchLogs({ ledger: "main" }, bearing("Bearer good"));
    const messages = stream[Symbol.asyncIterator]();
    await messages.next();
    const end = errorOf(messages.next());
    bearers["good"] = ok({ ...shop, scopes: new Set(["ledger:write"]) });
    for (const listener of listeners) listener();
    bearers["good"] = ok({ ...shop, scopes: new Set(["payments:read"]) });
    for (const listener of listeners) listener();
    expect(await end).toMatchObject({
      code: Code.PermissionDenied,
      rawMessage: "the access token lacks the scope ledger:read",
    });
  });

  test("soon after its client is deleted", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const bearers: Bearers = { good: ok(shop) };
    const { ledger } = start({ bearers });
    const stream = ledger.watchLogs({ ledger: "main" }, bearing("Bearer good"));
    const messages = stream[Symbol.asyncIterator]();
    expect(await messages.next()).toMatchObject({ done: false });
    const end = errorOf(messages.next());
    bearers["good"] = fail({ kind: "client-deleted", clientId: "shop" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await end).toMatchObject({ rawMessage: "the client shop no longer exists" });
    vi.useRealTimers();
  });
});

test("a stream outlives a database that is away for a moment", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const isAway = vi.fn(() => ok(shop));
  const bearers = {
    get good() {
      return isAway();
    },
  };
  const { ledger } = start({ bearers });
  const messages = ledger.watchLogs({ ledger: "main" }, bearing("Bearer good"));
  const iterator = messages[Symbol.asyncIterator]();
  await iterator.next();
  isAway.mockImplementationOnce(() => {
    throw new Error("connection refused");
  });
  const end = vi.fn();
  iterator.next().then(end, end);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(isAway).toHaveBeenCalledTimes(6);
  expect(end).not.toHaveBeenCalled();
  vi.useRealTimers();
});

test("a stream that ends by itself leaves neither timer nor listener behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { ledger, listeners } = start();
  const upload = (async function* () {
    yield {};
  })();
  await ledger.importLogs(upload, bearing("Bearer good"));
  expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0]);
  vi.useRealTimers();
});

test("a refusal is readable for machines", async () => {
  const { ledger } = start();
  const error = await errorOf(ledger.getInfo({}, bearing("Bearer bad")));
  expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
    { reason: "TOKEN_INVALID", metadata: { detail: "unknown", errorCode: "VALIDATION" } },
  ]);
});
