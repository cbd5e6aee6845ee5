import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { createFlorin as createBrowserFlorin } from "../../sdk/src/browser.js";
import { createFlorin, FlorinError, type FlorinOptions } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";
import { cuttableProxy } from "../support/cuttableProxy.js";

vi.setConfig({ testTimeout: 60_000 });

const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "5" };
const pay = { transaction: { postings: [posting] } };

/** Each way to speak to a server, on Node. */
const WAYS = {
  grpc: (options: FlorinOptions) => createFlorin(options),
  connect: (options: FlorinOptions) => createFlorin({ ...options, transport: "connect" }),
  fetch: (options: FlorinOptions) => createBrowserFlorin(options),
};

test("a write whose answer is lost is repeated, and committed once", async () => {
  const app = await startTestApp();
  const { clientId, clientSecret } = app;
  const direct = createFlorin({ baseUrl: app.url, clientId, clientSecret });
  const proxy = await cuttableProxy(app.port);
  for (const [ledger, create] of Object.entries(WAYS)) {
    const failures: FlorinError[] = [];
    const onRetry = ({ error }: { error: FlorinError }) => failures.push(error);
    const florin = create({ baseUrl: proxy.url, clientId, clientSecret, onRetry });
    await florin.ledger.readStats({ ledger });

    const committed = async () => (await direct.ledger.countTransactions({ ledger })).count;
    proxy.mute();
    const answer = florin.ledger.createTransaction({ ledger, ...pay });
    await expect.poll(committed).toBe(1n);
    proxy.cut();
    expect((await answer).data).toMatchObject([{ txid: 0n, postings: [posting] }]);
    expect(await committed()).toBe(1n);
    expect(failures).toMatchObject([{ code: Code.Unavailable }]);
    expect(failures[0]?.message).toMatch(/^connection lost: /);
  }
});

test("a server that cannot be reached is waited for", async () => {
  const app = await startTestApp();
  const { clientId, clientSecret } = app;
  const proxy = await cuttableProxy(app.port);
  for (const [ledger, create] of Object.entries(WAYS)) {
    proxy.close();
    const onRetry = () => proxy.open();
    const florin = create({ baseUrl: proxy.url, clientId, clientSecret, onRetry });
    const { data } = await florin.ledger.createTransaction({ ledger, ...pay });
    expect(data).toMatchObject([{ txid: 0n }]);
  }
});

test("a server that stays away fails the call, as unavailable", async () => {
  for (const create of Object.values(WAYS)) {
    const florin = create({ baseUrl: "http://127.0.0.1:1", getToken: () => null, maxRetries: 1 });
    const failure = await florin.ledger.readStats({ ledger: "main" }).catch((error) => error);
    expect(failure).toBeInstanceOf(FlorinError);
    expect(failure.code).toBe(Code.Unavailable);
  }
});

test("a call that its caller cancels is not taken for a lost connection", async () => {
  const app = await startTestApp();
  const { clientId, clientSecret } = app;
  for (const create of Object.values(WAYS)) {
    const proxy = await cuttableProxy(app.port);
    const onRetry = () => expect.unreachable();
    const florin = create({ baseUrl: proxy.url, clientId, clientSecret, onRetry });
    await florin.ledger.readStats({ ledger: "main" });
    proxy.mute();
    const controller = new AbortController();
    const read = florin.ledger.readStats({ ledger: "main" }, { signal: controller.signal });
    controller.abort();
    await expect(read).rejects.toMatchObject({ name: "FlorinError", code: Code.Canceled });
  }
});
