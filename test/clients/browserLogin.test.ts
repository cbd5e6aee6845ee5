import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test, vi } from "vitest";
import { startUpstream } from "../auth/upstream.js";
import { startTestApp } from "../support/app.js";
import { hasChromium, openPage } from "../support/browser.js";
import type { LoginPage, Session, Visit } from "./loginPage.js";

vi.setConfig({ testTimeout: 60_000 });

const FLORIN = "http://florin.test";

/** Florin, the issuer above it, and an application in a browser, each with an origin of its own. */
async function start() {
  const upstream = await startUpstream({ redirectUri: `${FLORIN}/api/auth/authorize/callback` });
  upstream.accounts.set("bob", { email: "bob@example.com", email_verified: true });
  const app = await startTestApp({
    DELEGATED_ISSUER: upstream.issuer,
    DELEGATED_CLIENT_ID: upstream.clientId,
    DELEGATED_CLIENT_SECRET: upstream.clientSecret,
  });
  const script = fileURLToPath(new URL("loginPage.ts", import.meta.url));
  const page = await openPage(script, [`florin.test 127.0.0.1:${app.port}`]);
  const home = page.url();
  const visit = { baseUrl: FLORIN, clientId: await makeClient(app.url, await app.token(), home) };
  const call = caller(page, visit);

  return {
    page,
    home,
    call,
    /** From the application through the form, and back. */
    async logIn(name: string, wishes: Record<string, string> = {}): Promise<Session> {
      await call("logIn", wishes);
      await page.waitForURL(`${upstream.issuer}/**`);
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.waitForURL(`${home}?*`);
      return call("comeBack");
    },
    async logOut(session: Session): Promise<void> {
      await call("logOut", session);
      await page.waitForURL(`${home}?state=logged-out`);
    },
  };
}

/** A public client with the scopes of the ledger, made as an administrator makes it. */
async function makeClient(url: string, token: string, home: string): Promise<string> {
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}/api/auth${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text === "" ? undefined : JSON.parse(text).data;
  };
  const { id } = await ask("POST", "/clients", {
    name: "the application",
    public: true,
    redirectUris: [home],
    postLogoutRedirectUris: [home],
  });
  const scopes: { id: string; label: string }[] = await ask("GET", "/scopes");
  const write = scopes.find(({ label }) => label === "ledger:write");
  await ask("PUT", `/clients/${id}/scopes/${write?.id}`);
  return id;
}

/** Runs a function of the page. An error comes back as text: its stack names URLs, which vitest would take for files. */
const caller =
  (page: Page, visit: Visit) =>
  <Name extends keyof LoginPage>(name: Name, argument?: unknown) =>
    page.evaluate(
      async ({ name, visit, argument }) => {
        const { loginPage } = globalThis as unknown as {
          loginPage: Record<string, (visit: Visit, argument: unknown) => Promise<unknown>>;
        };
        return loginPage[name]?.(visit, argument).catch((error) => `${error}`);
      },
      { name, visit, argument },
    ) as ReturnType<LoginPage[Name]>;

describe.skipIf(!hasChromium)("in a browser", () => {
  test("a person logs in, pays, is known, refreshes and logs out, and the tokens are dead", async () => {
    const { page, call, logIn, logOut } = await start();
    const session = await logIn("ada");
    expect(session.subject).toMatch(/^[0-9a-f-]{36}$/);
    expect(await call("pay", session)).toBe(200);
    expect(await call("userInfo", session)).toEqual({
      sub: session.subject,
      email: "ada@example.com",
      email_verified: true,
    });
    const fresh = await call("refresh", session);
    expect(fresh.refreshToken).not.toBe(session.refreshToken);
    expect(await call("pay", fresh)).toBe(200);

    await logOut({ ...fresh, idToken: session.idToken });
    for (const { accessToken } of [session, fresh]) {
      expect(await call("pay", { ...fresh, accessToken })).toBe(401);
    }
    expect(await call("refresh", fresh)).toMatch(/ResponseBodyError/);
    await call("logIn", { prompt: "none" });
    await page.waitForURL(/error=login_required/);
  });

  test("another person takes over where one is logged in", async () => {
    const { call, logIn } = await start();
    const ada = await logIn("ada");
    const bob = await logIn("bob", { prompt: "login" });
    expect(bob.subject).not.toBe(ada.subject);
    expect(await call("userInfo", bob)).toMatchObject({ email: "bob@example.com" });
  });

  test("who is refused upstream is told by the application", async () => {
    const { logIn } = await start();
    expect(await logIn("nobody")).toMatch(/AuthorizationResponseError/);
  });
});
