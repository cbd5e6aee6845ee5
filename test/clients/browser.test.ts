import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createFlorin } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";
import { hasChromium, openPage } from "../support/browser.js";
import { cuttableProxy } from "../support/cuttableProxy.js";
import type { Page, Visit } from "./page.js";

const AMOUNT = "1234567890123456789012345678901234567890";

/** The test's page, and how its functions are run on a server that is reached through a proxy. */
async function open() {
  const app = await startTestApp();
  const { clientId, clientSecret } = app;
  const proxy = await cuttableProxy(app.port);
  const page = await openPage(fileURLToPath(new URL("page.ts", import.meta.url)));
  await page.exposeFunction("cut", proxy.cut);
  const visit: Visit = { baseUrl: proxy.url, clientId, clientSecret, amount: AMOUNT };
  // An error comes back as text: its stack names URLs, which vitest would take for files.
  const run = (wire: keyof Page): Promise<unknown> =>
    page.evaluate(
      ({ wire, visit }) =>
        (globalThis as unknown as { page: Page }).page[wire](visit).catch(String),
      { wire, visit },
    );
  return { app, run };
}

test.skipIf(!hasChromium)(
  "a page of another origin creates and reads transactions: SDK, Connect, gRPC-Web and REST",
  async () => {
    const { run } = await open();
    expect(await run("sdk")).toBe(AMOUNT);
    expect(await run("connect")).toBe(AMOUNT);
    expect(await run("grpcWeb")).toBe(AMOUNT);
    expect(await run("rest")).toEqual({ amount: AMOUNT, hit: "true", count: "4" });
  },
  30_000,
);

test.skipIf(!hasChromium)(
  "in a page, too, the SDK's watch goes on after lost connections",
  async () => {
    const { app, run } = await open();
    const { clientId, clientSecret } = app;
    const { ledger } = createFlorin({ baseUrl: app.url, clientId, clientSecret });
    const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "5" };
    await ledger.createTransaction({ ledger: "watched", transaction: { postings: [posting] } });
    expect(await run("watch")).toEqual(["0", "1", "2"]);
    expect((await ledger.countTransactions({ ledger: "watched" })).count).toBe(3n);
  },
  30_000,
);
