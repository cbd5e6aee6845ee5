import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { hasChromium, openPage } from "../support/browser.js";
import type { Page, Visit } from "./page.js";

const AMOUNT = "1234567890123456789012345678901234567890";

test.skipIf(!hasChromium)(
  "a page of another origin creates and reads transactions: SDK, Connect, gRPC-Web and REST",
  async () => {
    const { url, clientId, clientSecret } = await startTestApp();
    const page = await openPage(fileURLToPath(new URL("page.ts", import.meta.url)));
    const visit: Visit = { baseUrl: url, clientId, clientSecret, amount: AMOUNT };
    // An error comes back as text: its stack names URLs, which vitest would take for files.
    const run = (wire: keyof Page): Promise<unknown> =>
      page.evaluate(
        ({ wire, visit }) =>
          (globalThis as unknown as { page: Page }).page[wire](visit).catch(String),
        { wire, visit },
      );

    expect(await run("sdk")).toBe(AMOUNT);
    expect(await run("connect")).toBe(AMOUNT);
    expect(await run("grpcWeb")).toBe(AMOUNT);
    expect(await run("rest")).toEqual({ amount: AMOUNT, hit: "true", count: "4" });
  },
  30_000,
);
