import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { emptyPage, hasChromium } from "../support/browser.js";
import { callsOf, ours } from "./document.js";

/** `/docs`, with all that it asked for and complained of on the way. */
async function openDocs(url: string, fragment = "") {
  const page = await emptyPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${url}/docs${fragment}`);
  await page.locator(".opblock").first().waitFor();
  return { page, requested, complaints };
}

/** Gets a token by the page's own dialog. */
async function authorize(page: Page, { clientId, clientSecret }: Record<string, string>) {
  await page.locator(".auth-wrapper .authorize").click();
  const dialog = page.locator(".modal-ux");
  expect(await dialog.locator(".auth-container").count()).toBe(1);
  expect(await dialog.getByText("Swagger").isVisible()).toBe(false);
  await dialog.locator("#client_id_clientCredentials").fill(clientId ?? "");
  await dialog.locator("#client_secret_clientCredentials").fill(clientSecret ?? "");
  return dialog;
}

test.skipIf(!hasChromium)(
  "the reference opens by itself, gets a token and makes a call",
  async () => {
    const { url, clientId, clientSecret } = await startTestApp();
    const { page, requested, complaints } = await openDocs(url);
    expect(await page.title()).toBe("Florin API reference");
    expect(await page.locator(".opblock-tag").count()).toBe(ours.tags.length);
    expect(await page.locator(".opblock").count()).toBe(callsOf(ours).length);

    const dialog = await authorize(page, { clientId, clientSecret });
    await dialog.locator(".auth-btn-wrapper .authorize").first().click();
    await dialog.getByText("Authorized").first().waitFor();
    await dialog.locator(".btn-done").first().click();

    const call = page.locator("#operations-Transactions-createTransaction");
    await call.locator(".opblock-summary-control").click();
    await call.locator(".execute").click();
    const answer = call.locator(".live-responses-table");
    await answer.waitFor();
    expect(await answer.locator("td.response-col_status").last().textContent()).toMatch(/^200/);
    expect(await answer.textContent()).toContain('"txid": 0');

    expect(requested).toContain(`${url}/api/ledger/main/transactions`);
    expect(requested.filter((it) => !it.startsWith(`${url}/`))).toEqual([]);
    expect(complaints).toEqual([]);
  },
  150_000,
);

test.skipIf(!hasChromium)(
  "a link leads to an operation, and a narrow window is wide enough",
  async () => {
    const { url } = await startTestApp();
    const { page } = await openDocs(url, "#/Accounts/getAccount");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator("#operations-Accounts-getAccount.is-open .execute").waitFor();
    const widths = "[document.documentElement.scrollWidth, innerWidth]";
    const [content, view] = (await page.evaluate(widths)) as [number, number];
    expect(content).toBeLessThanOrEqual(view);
  },
  150_000,
);
