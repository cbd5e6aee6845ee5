import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import { createFlorin as createBrowserFlorin } from "../../sdk/src/browser.js";
import { createFlorin, type FlorinError } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";
import { cuttableProxy } from "../support/cuttableProxy.js";
import { bearer, fakeFlorin } from "./fakeFlorin.js";
import { movingFlorin } from "./movingFlorin.js";

vi.setConfig({ testTimeout: 60_000 });

const ledger = "main";
const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "5" };

/** The ids of the first `count` items of a watch. */
async function take<T>(items: AsyncIterable<T>, count: number, idOf: (item: T) => unknown) {
  const ids: unknown[] = [];
  for await (const item of items) {
    ids.push(idOf(item));
    if (ids.length === count) break;
  }
  return ids;
}

const fake = { getToken: () => null, transport: "connect" } as const;

test.each([
  ["gRPC", createFlorin],
  ["fetch", createBrowserFlorin],
])(
  "over %s a watch goes on after lost connections and outages: all logs, once, in order",
  async (_, create) => {
    const app = await startTestApp();
    const proxy = await cuttableProxy(app.port);
    const { clientId, clientSecret } = app;
    const direct = createFlorin({ baseUrl: app.url, clientId, clientSecret });
    const pay = () =>
      direct.ledger.createTransaction({ ledger, transaction: { postings: [posting] } });
    await pay();
    await pay();

    // More repeats in a row than other calls may have.
    const florin = create({
      baseUrl: proxy.url,
      clientId,
      clientSecret,
      maxRetries: 1,
      onRetry: ({ failures }) => void (failures === 3 && proxy.open()),
    });
    const ids: (bigint | undefined)[] = [];
    for await (const { log } of florin.ledger.watchLogs({ ledger, after: 0n })) {
      ids.push(log?.id);
      if (ids.length === 1) proxy.cut();
      if (ids.length === 2) proxy.close();
      if (ids.length === 4) break;
      await pay();
    }
    expect(ids).toEqual([1n, 2n, 3n, 4n]);
  },
);

test("a watch, and calls under way, move on to another process when theirs is stopped", async () => {
  const { options, move } = await movingFlorin();
  const failures: FlorinError[] = [];
  const onRetry = ({ error }: { error: FlorinError }) => failures.push(error);
  const florin = createFlorin({ ...options, onRetry });
  const pay = () =>
    florin.ledger.createTransaction({ ledger, transaction: { postings: [posting] } });
  await pay();
  let paid = 1;
  const ids: (bigint | undefined)[] = [];
  for await (const { log } of florin.ledger.watchLogs({ ledger })) {
    ids.push(log?.id);
    if (ids.length === 1) {
      let hasMoved = false;
      const moving = move().then(() => {
        hasMoved = true;
      });
      // The last one is after the move.
      for (let isLast = false; !isLast; paid += 4) {
        isLast = hasMoved;
        await Promise.all([pay(), pay(), pay(), pay()]);
      }
      await moving;
    }
    if (ids.length === paid) break;
  }
  expect(ids).toEqual(Array.from({ length: paid }, (_, index) => BigInt(index)));
  expect(failures.map(({ code }) => code)).toContain(Code.Unavailable);
});

test("a watch of payments goes on after a lost connection", async () => {
  const app = await startTestApp();
  const proxy = await cuttableProxy(app.port);
  const { clientId, clientSecret } = app;
  const florin = createFlorin({ baseUrl: proxy.url, clientId, clientSecret });
  const config = {
    case: "dummyPay",
    value: {
      directory: "demo",
      filePollingPeriod: { nanos: 100_000_000 },
      fileGenerationPeriod: { nanos: 100_000_000 },
    },
  } as const;
  await florin.payments.installConnector({ connector: Connector.DUMMY_PAY, config: { config } });
  const ids: bigint[] = [];
  for await (const { id } of florin.payments.watchPayments({})) {
    ids.push(id);
    if (ids.length % 2 === 1) proxy.cut();
    if (ids.length === 5) break;
  }
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a - b)));
});

test("a watch goes on with another token when its own ends, and fails when that is refused too", async () => {
  let calls = 0;
  const froms: (bigint | undefined)[] = [];
  const baseUrl = await fakeFlorin({
    ledger: {
      async *watchLogs({ after }, context) {
        froms.push(after);
        const token = bearer(context);
        if (token !== "t2") yield { log: { id: (after ?? -1n) + 1n } };
        throw new ConnectError("expired", Code.Unauthenticated);
      },
    },
  });
  const getToken = () => `t${++calls}`;
  const florin = createFlorin({ baseUrl, getToken, transport: "connect" });
  // t1: a log, then expired. t2: refused at once. That is twice in a row.
  const watch = florin.ledger.watchLogs({ ledger });
  await expect(take(watch, 9, ({ log }) => log?.id)).rejects.toMatchObject({
    code: Code.Unauthenticated,
  });
  expect(froms).toEqual([undefined, 0n]);
  calls = 2;
  expect(await take(florin.ledger.watchLogs({ ledger }), 3, ({ log }) => log?.id)).toEqual([
    0n,
    1n,
    2n,
  ]);
});

test("a watch that the server ends as if all were said goes on", async () => {
  const baseUrl = await fakeFlorin({
    ledger: {
      async *watchLogs({ after }) {
        yield { log: { id: (after ?? -1n) + 1n } };
      },
    },
  });
  const { ledger: ledgers } = createFlorin({ ...fake, baseUrl });
  expect(await take(ledgers.watchLogs({ ledger }), 3, ({ log }) => log?.id)).toEqual([0n, 1n, 2n]);
});

test("a watch that never begins fails like any other call", async () => {
  let calls = 0;
  const baseUrl = await fakeFlorin({
    ledger: {
      async *watchLogs() {
        calls += 1;
        yield* [];
        throw new ConnectError("stopping", Code.Unavailable);
      },
    },
  });
  const { ledger: ledgers } = createFlorin({ ...fake, baseUrl, maxRetries: 2 });
  const watch = take(ledgers.watchLogs({ ledger }), 1, () => 0);
  await expect(watch).rejects.toMatchObject({ code: Code.Unavailable, message: "stopping" });
  expect(calls).toBe(3);
});

test("a refusal ends a watch", async () => {
  const { url, clientId, clientSecret } = await startTestApp();
  const florin = createFlorin({ baseUrl: url, clientId, clientSecret });
  const watch = take(florin.ledger.watchLogs({ ledger: "_bad" }), 1, () => 0);
  await expect(watch).rejects.toMatchObject({ reason: "INVALID_LEDGER_NAME" });
});

test.each([
  ["leaves", "watchLogs"],
  ["leaves", "verifyLedger"],
  ["cancels", "watchLogs"],
] as const)("when the reader %s, %s ends at the server too", async (how, method) => {
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const forEver = <T>(item: T) =>
    async function* (_: unknown, { signal }: { signal: AbortSignal }) {
      yield item;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      ended();
    };
  const baseUrl = await fakeFlorin({
    ledger: { watchLogs: forEver({ log: { id: 0n } }), verifyLedger: forEver({}) },
  });
  const { ledger: ledgers } = createFlorin({ ...fake, baseUrl });
  const controller = new AbortController();
  const items = ledgers[method]({ ledger }, { signal: controller.signal })[Symbol.asyncIterator]();
  await items.next();
  if (how === "leaves") {
    await items.return?.();
  } else {
    controller.abort();
    await expect(items.next()).rejects.toMatchObject({ code: Code.Canceled });
  }
  await end;
});

test("a watch ends at its own deadline", async () => {
  const baseUrl = await fakeFlorin({
    ledger: {
      async *watchLogs(_, { signal }) {
        yield { log: { id: 0n } };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
  });
  const { ledger: ledgers } = createFlorin({ ...fake, baseUrl });
  const watch = take(ledgers.watchLogs({ ledger }, { timeoutMs: 300 }), 2, () => 0);
  await expect(watch).rejects.toMatchObject({ code: Code.DeadlineExceeded });
});
