import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { createFlorin as createBrowserFlorin } from "../../sdk/src/browser.js";
import { createFlorin } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";
import { cuttableProxy } from "../support/cuttableProxy.js";
import { movingFlorin } from "./movingFlorin.js";

vi.setConfig({ testTimeout: 60_000 });

const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "5" };
const transaction = { postings: [posting] };
const overdraft = { postings: [{ ...posting, source: "users:2" }] };

async function start() {
  const app = await startTestApp();
  const proxy = await cuttableProxy(app.port);
  const { clientId, clientSecret } = app;
  return {
    proxy,
    florin: createFlorin({ baseUrl: proxy.url, clientId, clientSecret }),
    direct: createFlorin({ baseUrl: app.url, clientId, clientSecret }),
  };
}

test("whatever breaks on the way, each transaction is committed once and has one answer, in order", async () => {
  const { florin, direct, proxy } = await start();
  const total = 40;
  async function* requests() {
    // Only the first one names the ledger.
    for (let sent = 0; sent < total; sent++) {
      yield {
        ...(sent === 0 && { ledger: "main" }),
        transaction: { ...transaction, reference: `r${sent}` },
      };
    }
  }
  const committed = async () =>
    Number((await direct.ledger.countTransactions({ ledger: "main" })).count);
  const answers: unknown[] = [];
  for await (const { result } of florin.ledger.streamTransactions(requests())) {
    answers.push(result.case === "transaction" && [result.value.txid, result.value.reference]);
    if (answers.length % 10 === 5) proxy.cut();
  }
  expect(answers).toEqual(
    Array.from({ length: total }, (_, index) => [BigInt(index), `r${index}`]),
  );
  expect(await committed()).toBe(total);
});

test("a stream moves on to another process when its own is stopped", async () => {
  const { options, move } = await movingFlorin();
  const florin = createFlorin(options);
  const total = 300;
  async function* requests() {
    for (let sent = 0; sent < total; sent++) yield { ledger: "main", transaction };
  }
  const txids: unknown[] = [];
  let moved = Promise.resolve();
  for await (const { result } of florin.ledger.streamTransactions(requests())) {
    txids.push(result.case === "transaction" && result.value.txid);
    if (txids.length === 20) moved = move();
  }
  await moved;
  expect(txids).toEqual(Array.from({ length: total }, (_, index) => BigInt(index)));
  expect((await florin.ledger.countTransactions({ ledger: "main" })).count).toBe(BigInt(total));
});

test("an answer that is lost on its way is had again, and marked as such", async () => {
  const { florin, direct, proxy } = await start();
  let go = () => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  async function* requests() {
    yield { ledger: "main", transaction };
    await gone;
    yield { transaction };
  }
  const answers = florin.ledger.streamTransactions(requests())[Symbol.asyncIterator]();
  expect((await answers.next()).value).toMatchObject({ idempotencyHit: false });
  proxy.mute();
  go();
  const second = answers.next();
  await expect
    .poll(async () => (await direct.ledger.countTransactions({ ledger: "main" })).count)
    .toBe(2n);
  proxy.cut();
  expect((await second).value).toMatchObject({
    idempotencyHit: true,
    result: { case: "transaction", value: { txid: 1n } },
  });
  expect((await answers.next()).done).toBe(true);
  expect((await direct.ledger.countTransactions({ ledger: "main" })).count).toBe(2n);
});

test("a transaction that is refused is an answer, and the stream goes on", async () => {
  const { florin } = await start();
  async function* requests() {
    yield { ledger: "main", transaction: overdraft };
    yield { transaction };
  }
  const cases: unknown[] = [];
  for await (const { result } of florin.ledger.streamTransactions(requests())) {
    cases.push(result.case === "refusal" ? result.value.reason : result.case);
  }
  expect(cases).toEqual(["INSUFFICIENT_FUNDS", "transaction"]);
});

test("what the caller's own iteration throws comes out as it is, and is not repeated", async () => {
  const { florin } = await start();
  const fault = new TypeError("no more orders");
  let runs = 0;
  async function* requests() {
    runs += 1;
    yield { ledger: "main", transaction };
    throw fault;
  }
  const answers = florin.ledger.streamTransactions(requests());
  const read = async () => {
    for await (const _ of answers);
  };
  await expect(read()).rejects.toBe(fault);
  expect(runs).toBe(1);
});

test("a reader that leaves lets the caller's iteration end", async () => {
  const { florin } = await start();
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  async function* requests() {
    try {
      for (;;) yield { ledger: "main", transaction };
    } finally {
      ended();
    }
  }
  for await (const _ of florin.ledger.streamTransactions(requests())) break;
  await end;
});

test("a server that is away fails a stream like any other call", async () => {
  const florin = createFlorin({
    baseUrl: "http://127.0.0.1:1",
    getToken: () => null,
    maxRetries: 1,
  });
  async function* requests() {
    yield { ledger: "main", transaction };
  }
  const answers = florin.ledger.streamTransactions(requests())[Symbol.asyncIterator]();
  await expect(answers.next()).rejects.toMatchObject({ code: Code.Unavailable });
});

test.each([createFlorin, createBrowserFlorin])(
  "without gRPC a stream says what it needs",
  async (create) => {
    const options = { baseUrl: "http://127.0.0.1:1", getToken: () => null, maxRetries: 0 };
    const florin = create({ ...options, transport: "connect" });
    async function* requests() {
      yield { ledger: "main", transaction };
    }
    const answers = florin.ledger.streamTransactions(requests())[Symbol.asyncIterator]();
    await expect(answers.next()).rejects.toMatchObject({
      name: "FlorinError",
      code: Code.Unimplemented,
      message: "StreamTransactions needs gRPC",
    });
  },
);
