import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { APP, authorizationUrl, startStory } from "./loginStory.js";
import { PUBLIC_URL } from "./startAuth.js";
import { changeIdToken } from "./upstream.js";

const query = (url: URL) => Object.fromEntries(url.searchParams);

describe("a person", () => {
  test("comes back from the first login with a code, for tokens of a new user", async () => {
    const story = await startStory();
    const back = await story.logIn(story.newBrowser());
    expect(back.origin + back.pathname).toBe(APP.redirectUri);
    expect(query(back)).toEqual({
      code: expect.any(String),
      state: "of the application",
      iss: `${PUBLIC_URL}/api/auth`,
    });
    const { access_token, id_token } = await story.exchange(back);
    const [user] = await story.db("users");
    expect(user).toMatchObject({
      issuer: story.upstream.issuer,
      subject: "ada",
      email: "ada@example.com",
      email_verified: true,
    });
    expect(decodeJwt(id_token)).toMatchObject({ sub: user.id, aud: APP.id });
    expect(decodeJwt(access_token)).toMatchObject({ sub: user.id });
  });

  test("is the same user at the next login, with the e-mail address of then", async () => {
    const story = await startStory();
    await story.logIn(story.newBrowser());
    const [before] = await story.db("users");
    story.upstream.accounts.set("ada", { email: "ada@example.org" });
    await story.logIn(story.newBrowser());
    const users = await story.db("users");
    expect(users).toHaveLength(1);
    expect(users[0]).toMatchObject({
      id: before.id,
      email: "ada@example.org",
      email_verified: false,
    });
  });

  test("is another user than one with the same e-mail address", async () => {
    const story = await startStory();
    story.upstream.accounts.set("mallory", { email: "ada@example.com", email_verified: true });
    await story.logIn(story.newBrowser());
    await story.logIn(story.newBrowser(), "mallory");
    expect(await story.db("users").orderBy("subject").pluck("subject")).toEqual(["ada", "mallory"]);
  });

  test("may have no e-mail address", async () => {
    const story = await startStory();
    story.upstream.accounts.set("ada", {});
    expect(query(await story.logIn(story.newBrowser()))).toHaveProperty("code");
    expect(await story.db("users").pluck("email")).toEqual([""]);
  });

  test("who is logged in already is not sent upstream again", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    await story.logIn(browser);
    const again = await story.ask(browser);
    expect(query(again.url)).toHaveProperty("code");
    expect(story.upstream.asked).toHaveLength(1);
  });

  test("may log in in two tabs at once", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const [one, two] = [await story.ask(browser), await story.ask(browser)];
    expect(query((await story.submit(browser, two)).url)).toHaveProperty("code");
    expect(query((await story.submit(browser, one)).url)).toHaveProperty("code");
  });
});

describe("the cookie of a login", () => {
  test("is for Florin's pages only, and for nothing that a page can read or another site post", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const start = await browser.follow(authorizationUrl(), `${PUBLIC_URL}/nowhere`);
    const response = await browser.get(start.url.href);
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^_login\.[\w-]{16}=[\w-]{43}; Max-Age=600; Path=\/florin\/api\/auth; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("goes when the login is over", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const form = await story.ask(browser);
    const door = `${PUBLIC_URL}/api/auth/authorize/callback`;
    expect(browser.cookiesFor(door)).toContain("_login.");
    await story.submit(browser, form);
    expect(browser.cookiesFor(door)).not.toContain("_login.");
  });

  test("is one of eight at most: the oldest go", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const forms = [];
    for (let tab = 0; tab < 10; tab++) forms.push(await story.ask(browser));
    const cookies = browser.cookiesFor(`${PUBLIC_URL}/api/auth/authorize/callback`);
    expect(cookies.match(/_login\./g)).toHaveLength(8);
    const [first] = forms;
    const last = forms.at(-1);
    if (!first || !last) throw new Error("there are no forms");
    expect((await story.submit(browser, first)).response?.status).toBe(400);
    expect(query((await story.submit(browser, last)).url)).toHaveProperty("code");
  });
});

describe("what the application asked for is asked of the upstream issuer", () => {
  test("prompt=login, although the person is logged in", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    await story.logIn(browser);
    const form = await story.ask(browser, { prompt: "login" });
    expect(story.upstream.asked.at(-1)?.get("prompt")).toBe("login");
    expect(form.response?.status).toBe(200);
    expect(query((await story.submit(browser, form)).url)).toHaveProperty("code");
  });

  test("login_hint, ui_locales and max_age", async () => {
    const story = await startStory();
    const wishes = { login_hint: "ada", ui_locales: "de fr", max_age: "600" };
    await story.ask(story.newBrowser(), wishes);
    expect(Object.fromEntries(story.upstream.asked[0] ?? [])).toMatchObject(wishes);
  });

  test("nothing, with prompt=none: the application is told to ask", async () => {
    const story = await startStory();
    const { url } = await story.ask(story.newBrowser(), { prompt: "none" });
    expect(query(url)).toMatchObject({ error: "login_required", state: "of the application" });
    expect(story.upstream.asked).toEqual([]);
  });

  test("and what the upstream issuer did not do is told", async () => {
    const story = await startStory();
    const hourAgo = Math.trunc(Date.now() / 1000) - 3600;
    story.upstream.tamper = changeIdToken(story.upstream, (claims) => ({
      ...claims,
      auth_time: hourAgo,
    }));
    for (const wish of [{ prompt: "login" }, { max_age: "600" }]) {
      const back = await story.logIn(story.newBrowser(), "ada", wish);
      expect(query(back)).toMatchObject({ error: "login_required", state: "of the application" });
    }
    expect(query(await story.logIn(story.newBrowser()))).toHaveProperty("code");
  });

  test("auth_time is when the person proved who they are, and the session lasts all the same", async () => {
    const story = await startStory();
    const daysAgo = Math.trunc(Date.now() / 1000) - 3 * 86_400;
    story.upstream.tamper = changeIdToken(story.upstream, (claims) => ({
      ...claims,
      auth_time: daysAgo,
    }));
    const browser = story.newBrowser();
    const { id_token } = await story.exchange(
      await story.logIn(browser, "ada", { max_age: "604800" }),
    );
    expect(decodeJwt(id_token)).toMatchObject({ auth_time: daysAgo });
    const [{ left }] = await story
      .db("oidc_records")
      .where({ kind: "Session" })
      .select({ left: story.db.raw("extract(epoch from expires_at - now())::int") });
    expect(left).toBeGreaterThan(11 * 3600);
  });

  test("another person, whom the ID token hint names, and who does not come", async () => {
    const story = await startStory();
    story.upstream.accounts.set("bob", {});
    const { id_token } = await story.exchange(await story.logIn(story.newBrowser(), "bob"));
    const browser = story.newBrowser();
    await story.logIn(browser);
    const form = await story.ask(browser, { id_token_hint: id_token });
    expect(story.upstream.asked.at(-1)?.get("prompt")).toBe("login");
    const { url } = await story.submit(browser, form, "ada");
    expect(query(url)).toMatchObject({ error: "login_required", state: "of the application" });
  });
});
