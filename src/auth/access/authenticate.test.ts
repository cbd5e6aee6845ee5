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
import { authenticate } from "./authenticate.js";
import type { AccessRefusal } from "./errors.js";

const shop: Principal = {
  kind: "client",
  subject: "shop",
  clientId: "shop",
  scopes: null,
  expiresAt: systemClock() + 3_600_000_000n,
};

/** Services behind `authenticate`, that knows the tokens of `bearers`; `seen` is whom the last handler saw. */
function start({ isEnabled = true, bearers = { good: ok(shop) } as Bearers } = {}) {
  const seen: { principal?: Principal | null } = {};
  const isEnded = vi.fn();
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
    auth: createClient(AuthService, transport),
    health: createClient(Health, transport),
    ledger: createClient(LedgerService, transport),
  };
}

type Bearers = Record<string, Result<Principal, AccessRefusal>>;

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
  const soon = (): Principal => ({ ...shop, expiresAt: systemClock() + 100_000n });

  /** A token that is good until it expires. */
  function expiring(): Bearers {
    const principal = soon();
    return {
      get good() {
        return systemClock() < principal.expiresAt
          ? ok(principal)
          : fail({ kind: "token-expired" });
      },
    };
  }

  test("what it sends stops, and its handler is told", async () => {
    const { ledger, isEnded } = start({ bearers: expiring() });
    const received: unknown[] = [];
    const watch = async () => {
      for await (const log of ledger.watchLogs({ ledger: "main" }, bearing("Bearer good"))) {
        received.push(log);
      }
    };
    const error = await errorOf(watch());
    expect(received).toHaveLength(1);
    expect(error).toMatchObject({
      code: Code.Unauthenticated,
      rawMessage: "the access token has expired",
    });
    await vi.waitFor(() => expect(isEnded).toHaveBeenCalled());
  });

  test("what it receives stops", async () => {
    const { ledger } = start({ bearers: expiring() });
    const upload = (async function* () {
      yield {};
      await new Promise(() => {});
    })();
    const error = await errorOf(ledger.importLogs(upload, bearing("Bearer good")));
    expect(error.code).toBe(Code.Unauthenticated);
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
  expect(isAway).toHaveBeenCalledTimes(3);
  expect(end).not.toHaveBeenCalled();
  vi.useRealTimers();
});

test("a stream that ends by itself leaves no timer behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { ledger } = start();
  const upload = (async function* () {
    yield {};
  })();
  await ledger.importLogs(upload, bearing("Bearer good"));
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("a refusal is readable for machines", async () => {
  const { ledger } = start();
  const error = await errorOf(ledger.getInfo({}, bearing("Bearer bad")));
  expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
    { reason: "TOKEN_INVALID", metadata: { detail: "unknown", errorCode: "VALIDATION" } },
  ]);
});
