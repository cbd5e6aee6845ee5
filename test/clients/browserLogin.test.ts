import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test, vi } from "vitest";
import { hasChromium, openPage } from "../support/browser.js";
import type { LoginPage, Session, Visit } from "./loginPage.js";
import { FLORIN, makePublicClient, startWithLogins } from "./logins.js";

vi.setConfig({ testTimeout: 60_000 });

/** Florin, the issuer above it, and an application in a browser, each with an origin of its own. */
async function start() {
  const { app, upstream, hosts } = await startWithLogins();
  const script = fileURLToPath(new URL("loginPage.ts", import.meta.url));
  const page = await openPage(script, hosts);
  const home = page.url();
  const visit = { baseUrl: FLORIN, clientId: await makePublicClient(app, home) };
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
