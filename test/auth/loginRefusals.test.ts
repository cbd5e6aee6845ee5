import { describe, expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { databaseProxy } from "../ledger/databaseProxy.js";
import { testDatabaseUrl } from "../support/database.js";
import { authorizationUrl, startStory } from "./loginStory.js";
import { PUBLIC_URL } from "./startAuth.js";
import { changeIdToken, type TestUpstream } from "./upstream.js";

const CALLBACK = `${PUBLIC_URL}/api/auth/authorize/callback`;
const query = (url: URL) => Object.fromEntries(url.searchParams);

/** Answers to requests for `path` become 500. */
const breakPath = (upstream: TestUpstream, path: string) => {
  upstream.tamper = async (context, next) => {
    await next();
    if (context.path === path) context.status = 500;
  };
};

describe("the application is told, with its state, when the upstream issuer", () => {
  const told = (error: string) => ({
    error,
    error_description: expect.stringMatching(/^the [a-z ]*identity provider/),
    state: "of the application",
    iss: `${PUBLIC_URL}/api/auth`,
  });

  test("refuses the person, in words of ours", async () => {
    const story = await startStory();
    const back = await story.logIn(story.newBrowser(), "<script>nobody\r\nLocation: x");
    expect(query(back)).toEqual(told("access_denied"));
    expect(back.href).not.toContain("nobody");
    expect(await story.db("users")).toEqual([]);
  });

  test("answers with an error of its own", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const door = new URL(await story.comeBack(browser, await story.ask(browser)));
    door.searchParams.delete("code");
    door.searchParams.set("error", "invalid_scope");
    door.searchParams.set("error_description", "the secret is hunter2");
    const { url } = await story.follow(browser, door.href);
    expect(query(url)).toEqual(told("server_error"));
    expect(story.log.text()).toContain("invalid_scope");
  });

  test("is away when the login begins", async () => {
    const story = await startStory();
    await story.upstream.stop();
    const { url } = await story.ask(story.newBrowser());
    expect(query(url)).toEqual(told("temporarily_unavailable"));
  });

  test.each(["/token", "/me", "/jwks"])("fails at %s, and the next login works", async (path) => {
    const story = await startStory();
    breakPath(story.upstream, path);
    expect(query(await story.logIn(story.newBrowser()))).toEqual(told("temporarily_unavailable"));
    expect(await story.db("users")).toEqual([]);
    story.upstream.tamper = (_, next) => next();
    expect(query(await story.logIn(story.newBrowser()))).toHaveProperty("code");
  });

  test("hands out an ID token that a stranger signed", async () => {
    const story = await startStory();
    story.upstream.tamper = changeIdToken(story.upstream, (claims) => claims, "stranger");
    expect(query(await story.logIn(story.newBrowser()))).toEqual(told("server_error"));
    expect(await story.db("users")).toEqual([]);
  });
});

describe("a callback is refused, and changes nothing,", () => {
  const expectPage = async (response: Response | null) => {
    expect(response?.status).toBe(400);
    expect(response?.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response?.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(response?.headers.getSetCookie()).toEqual([]);
    expect(await response?.text()).toContain("This login is over");
  };

  test("in a browser that began no login", async () => {
    const story = await startStory();
    const attacker = story.newBrowser();
    const door = await story.comeBack(attacker, await story.ask(attacker));
    const victim = story.newBrowser();
    await expectPage(await victim.get(door));
    expect(await story.db("users")).toEqual([]);
    // Whose it is may go in all the same.
    expect(query((await story.follow(attacker, door)).url)).toHaveProperty("code");
  });

  test("in a browser that began another login", async () => {
    const story = await startStory();
    const [attacker, victim] = [story.newBrowser(), story.newBrowser()];
    const door = await story.comeBack(attacker, await story.ask(attacker));
    const form = await story.ask(victim);
    await expectPage(await victim.get(door));
    expect(query((await story.submit(victim, form)).url)).toHaveProperty("code");
  });

  test("with the cookie of another login under its own name", async () => {
    const story = await startStory();
    const [attacker, victim] = [story.newBrowser(), story.newBrowser()];
    const door = await story.comeBack(attacker, await story.ask(attacker));
    await story.ask(victim);
    const [theirs = ""] = attacker.cookiesFor(CALLBACK).split("=");
    const [, own = ""] = victim.cookiesFor(CALLBACK).split("=");
    const cookie = `${theirs}=${own}`;
    expect(cookie).toMatch(/^_login\.[\w-]{16}=[\w-]{43}$/);
    await expectPage(await story.newBrowser().get(door, { cookie }));
  });

  test.each([
    ["twice", ""],
    ["twice, the second time with another code", "&code=another"],
  ])("%s", async (_, suffix) => {
    const story = await startStory();
    const browser = story.newBrowser();
    const door = await story.comeBack(browser, await story.ask(browser));
    const cookie = browser.cookiesFor(CALLBACK);
    await story.follow(browser, door);
    await expectPage(await story.newBrowser().get(door + suffix, { cookie }));
  });

  test.each(["ada", "nobody"])("of %s, where the application no longer is", async (name) => {
    const story = await startStory();
    const browser = story.newBrowser();
    const door = await story.comeBack(browser, await story.ask(browser), name);
    await story.db("clients").update({ redirect_uris: ["https://app.example.com/new"] });
    await expectPage(await browser.get(door));
    expect(await story.db("users")).toEqual([]);
  });

  test("by all but one of those that come at once", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const door = await story.comeBack(browser, await story.ask(browser));
    const cookie = browser.cookiesFor(CALLBACK);
    const race = Array.from({ length: 8 }, () => story.newBrowser().get(door, { cookie }));
    const statuses = (await Promise.all(race)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([303, 400, 400, 400, 400, 400, 400, 400]);
  });

  test("after ten minutes", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const door = await story.comeBack(browser, await story.ask(browser));
    const logins = story.db("oidc_records").where({ kind: "UpstreamLogin" });
    expect(await logins.update({ expires_at: story.db.fn.now() })).toBe(1);
    await expectPage(await browser.get(door));
  });

  test.each([
    "",
    "?state=x&code=y",
    "?error=access_denied",
    "?error=%3Cscript%3Ealert(1)%3C/script%3E&state=%0d%0aSet-Cookie:%20a=b",
  ])("that nobody asked for: %s", async (suffix) => {
    const story = await startStory();
    const response = await story.newBrowser().get(CALLBACK + suffix);
    expect(await response.clone().text()).not.toContain("<script>alert");
    await expectPage(response);
  });
});

describe("the start of a login", () => {
  test("is of the browser that the application sent, and of no other", async () => {
    const story = await startStory();
    const [attacker, victim] = [story.newBrowser(), story.newBrowser()];
    const start = await attacker.follow(authorizationUrl(), "nowhere");
    expect(start.url.pathname).toMatch(/\/login\//);
    const refused = await victim.get(start.url.href);
    expect(refused.status).toBe(400);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect((await attacker.get(start.url.href)).status).toBe(303);
  });

  test("does not lead into another login of the same browser", async () => {
    const story = await startStory();
    const browser = story.newBrowser();
    const [one, two] = [
      await browser.follow(authorizationUrl(), "nowhere"),
      await browser.follow(authorizationUrl(), "nowhere"),
    ];
    const cookie = browser.cookiesFor(one.url.href);
    const refused = await story.newBrowser().get(two.url.href, { cookie });
    expect(refused.status).toBe(400);
  });
});

test("a login is not kept in clear, and is gone when it is over", async () => {
  const story = await startStory();
  const browser = story.newBrowser();
  const form = await story.ask(browser);
  const records = () => story.db("oidc_records").where({ kind: "UpstreamLogin" });
  const [record] = await records();
  const state = story.upstream.asked[0]?.get("state") ?? "";
  expect(record.sealed.toString()).not.toContain(state);
  await story.submit(browser, form);
  expect(await records()).toEqual([]);
});

test("while the database is away, a person is asked to try again", async () => {
  const proxy = await databaseProxy(await testDatabaseUrl());
  const db = openDatabase({ url: proxy.url, poolSize: 4 });
  onTestFinished(() => db.destroy());
  const story = await startStory({}, {}, db);
  const browser = story.newBrowser();
  const start = await browser.follow(authorizationUrl(), "nowhere");
  const door = await story.comeBack(browser, await story.ask(browser));
  proxy.cut();
  for (const url of [start.url.href, door]) {
    const response = await browser.get(url);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.text()).toContain("Please try again");
  }
});

describe("the log", () => {
  test("has one line per login: who, at which client, from where", async () => {
    const story = await startStory();
    await story.logIn(story.newBrowser());
    const [user] = await story.db("users");
    expect(await story.log.lines("audit", 1)).toMatchObject([
      { what: "login", who: user.id, clientId: "app", address: "127.0.0.1", outcome: "ok" },
    ]);
  });

  test("has one line per refused login, with the reason", async () => {
    const story = await startStory();
    await story.logIn(story.newBrowser(), "nobody");
    await story.newBrowser().get(CALLBACK);
    breakPath(story.upstream, "/token");
    await story.logIn(story.newBrowser());
    expect(await story.log.lines("audit", 3)).toMatchObject([
      { who: null, clientId: "app", outcome: "access_denied" },
      { who: null, clientId: null, outcome: "invalid_request" },
      { who: null, clientId: "app", outcome: "temporarily_unavailable" },
    ]);
    expect(await story.log.lines("login at the identity provider failed", 1)).toMatchObject([
      { detail: expect.stringContaining("500") },
    ]);
  });

  test("knows no code, state, cookie, secret or token, even of logins that fail", async () => {
    const story = await startStory();
    const seen: string[] = [story.upstream.clientSecret];
    story.upstream.tamper = async (context, next) => {
      await next();
      if (context.path !== "/token") return;
      const body = context.body as Record<string, string>;
      seen.push(...["access_token", "id_token"].map((name) => body[name] ?? ""));
      // The library refuses the answer, with an error that holds all of it.
      Object.assign(body, { token_type: 7 });
    };
    const browser = story.newBrowser();
    const door = await story.comeBack(browser, await story.ask(browser));
    seen.push(...new URL(door).searchParams.values());
    seen.push(...browser.cookiesFor(CALLBACK).split(/[;=] ?/));
    await story.follow(browser, door);
    await story.log.lines("login at the identity provider failed", 1);
    const known = seen.filter((it) => it.length > 20 && !it.startsWith("http"));
    expect(known.length).toBeGreaterThan(5);
    for (const secret of known) expect(story.log.text()).not.toContain(secret);
  });
});
