import { expect, test } from "vitest";
import {
  APP,
  ISSUER,
  LOGGED_OUT,
  type Logins,
  outcomeOf,
  putPerson,
  startLogins,
  toTokens,
} from "./logins.js";
import { newVisitor, type Visitor } from "./visitor.js";

const HTML = { Accept: "text/html" };

/** A browser in which somebody has logged in at `APP`, and the tokens of that. */
async function logIn(logins: Logins) {
  const visitor = logins.visit();
  const back = await logins.authorize(visitor, { scope: "openid offline_access" });
  const tokens = await toTokens(await logins.exchange(back.searchParams.get("code") ?? ""));
  return { visitor, tokens };
}

const endSession = (visitor: Visitor, parameters: Record<string, string | undefined>) => {
  const given = Object.entries(parameters).filter(
    (it): it is [string, string] => it[1] !== undefined,
  );
  return visitor.get(`${ISSUER}/end_session?${new URLSearchParams(given)}`, HTML);
};

/** Presses the button of a page that has one; answers where that leads. */
async function submit(visitor: Visitor, html: string, pressed: Record<string, string> = {}) {
  const action = /action="([^"]+)"/.exec(html)?.[1] ?? "";
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)"/g)];
  const form = Object.fromEntries(inputs.map(([, name, value]) => [name, value]));
  return visitor.post(action, { ...form, ...pressed });
}

const fateOf = async ({ auth, refresh }: Logins, tokens: Record<string, unknown>) => [
  (await auth.verify(String(tokens["access_token"]))).ok,
  await outcomeOf(refresh(String(tokens["refresh_token"]))),
];

test("a client that proves whose session it is ends it at once, and every token dies", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  const page = await endSession(visitor, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: LOGGED_OUT,
    state: "goodbye & thanks",
  });
  expect(page.status).toBe(200);
  expect(page.headers.get("Content-Security-Policy")).toMatch(
    /^default-src 'none';script-src 'sha256-[^']+';.*frame-ancestors 'none'$/,
  );
  const html = await page.text();
  expect(html).toContain(".submit();</script>");
  expect(html).toMatch(/<button type="submit" form="op.logoutForm">/);
  const done = await submit(visitor, html);
  expect(done.status).toBe(303);
  const back = new URL(done.headers.get("Location") ?? "");
  expect(back.href.startsWith(LOGGED_OUT)).toBe(true);
  expect(Object.fromEntries(back.searchParams)).toEqual({ state: "goodbye & thanks" });
  expect(visitor.cookiesFor(`${ISSUER}/authorize`)).not.toContain("_session=");
  expect(await fateOf(logins, { ...tokens })).toEqual([false, "400 invalid_grant"]);
  const kinds = await logins.db("oidc_records").pluck("kind");
  expect(kinds.filter((kind) => /Session|Grant|Token/.test(kind))).toEqual([]);
  const again = await visitor.get(logins.authorizeUrl());
  expect(again.headers.get("Location")).toContain("/login/");
});

test("logging out at one application ends what was issued to the others, too", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  await logins.db("clients").insert({
    id: "other",
    name: "",
    public: true,
    redirect_uris: [APP.redirectUri],
  });
  const other = { client_id: "other", scope: "openid offline_access" };
  const back = await logins.authorize(visitor, other);
  const others = await toTokens(
    await logins.exchange(back.searchParams.get("code") ?? "", { client_id: "other" }),
  );
  const page = await endSession(visitor, { id_token_hint: tokens.id_token });
  await submit(visitor, await page.text());
  expect((await logins.auth.verify(others.access_token)).ok).toBe(false);
  const refreshed = logins.refresh(others.refresh_token, { client_id: "other" });
  expect(await outcomeOf(refreshed)).toBe("400 invalid_grant");
});

test("logging out ends what several applications got at the same time", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  const clients = ["one", "two", "two", "three"].map((client_id) => ({ client_id }));
  await logins.db("clients").insert(
    [...new Set(clients.map(({ client_id }) => client_id))].map((id) => ({
      ...{ id, name: id, public: true, redirect_uris: [APP.redirectUri] },
    })),
  );
  const backs = await Promise.all(
    clients.map((client) =>
      logins.authorize(visitor, { ...client, scope: "openid offline_access" }),
    ),
  );
  const others = await Promise.all(
    clients.map(async (client, at) => {
      const code = backs[at]?.searchParams.get("code") ?? "";
      return { ...client, ...(await toTokens(await logins.exchange(code, client))) };
    }),
  );
  for (const { access_token } of others) {
    expect((await logins.auth.verify(access_token)).ok).toBe(true);
  }
  const page = await endSession(visitor, { id_token_hint: tokens.id_token });
  await submit(visitor, await page.text());
  for (const { client_id, access_token, refresh_token } of others) {
    expect((await logins.auth.verify(access_token)).ok).toBe(false);
    const refreshed = logins.refresh(refresh_token, { client_id });
    expect(await outcomeOf(refreshed)).toBe("400 invalid_grant");
  }
});

test("a logout is final, whatever goes on in the session at the same time", async () => {
  const logins = await startLogins();
  for (let round = 0; round < 4; round++) {
    const { visitor, tokens } = await logIn(logins);
    const url = logins.authorizeUrl({ scope: "openid offline_access" });
    // Of before the logout.
    const headers = { cookie: visitor.cookiesFor(url) };
    const goOn = () => newVisitor({ [ISSUER]: logins.root }).get(url, headers);
    const page = await endSession(visitor, { id_token_hint: tokens.id_token });
    const [, ...answers] = await Promise.all([
      submit(visitor, await page.text()),
      ...Array.from({ length: 4 }, goOn),
    ]);
    for (const answer of [...answers, await goOn()]) {
      const back = new URL(answer.headers.get("Location") ?? "", ISSUER);
      const code = back.searchParams.get("code") ?? "";
      expect(await outcomeOf(logins.exchange(code))).toMatch(/^400 /);
    }
    expect((await goOn()).headers.get("Location")).toContain("/login/");
    expect(await fateOf(logins, { ...tokens })).toEqual([false, "400 invalid_grant"]);
  }
});

test("who stays logged in all the same has left the application that asked, and no other", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  await logins.db("clients").insert({
    ...{ id: "other", name: "", public: true, redirect_uris: [APP.redirectUri] },
  });
  const back = await logins.authorize(visitor, { client_id: "other" });
  const other = { client_id: "other" };
  const others = await toTokens(await logins.exchange(back.searchParams.get("code") ?? "", other));
  const page = await endSession(visitor, { client_id: APP.id });
  await submit(visitor, await page.text());
  expect(await fateOf(logins, { ...tokens })).toEqual([false, "400 invalid_grant"]);
  expect((await logins.auth.verify(others.access_token)).ok).toBe(true);
  const again = await visitor.get(logins.authorizeUrl());
  expect(again.headers.get("Location")).toContain("code=");
});

test("without such a proof the person is asked, and may say no", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  const page = await endSession(visitor, {});
  expect(page.headers.get("Content-Security-Policy")).toMatch(/^default-src 'none';script-src;/);
  const html = await page.text();
  expect(html).toContain("Log out?");
  expect(html).not.toContain("<script");
  expect((await submit(visitor, html)).status).toBe(303);
  expect((await logins.auth.verify(tokens.access_token)).ok).toBe(true);
  const asked = await endSession(visitor, {});
  const done = await submit(visitor, await asked.text(), { logout: "yes" });
  const bye = await visitor.get(done.headers.get("Location") ?? "", HTML);
  expect(await bye.text()).toContain("You are logged out");
  expect(await fateOf(logins, { ...tokens })).toEqual([false, "400 invalid_grant"]);
});

test("the ID token of somebody else proves nothing: the person is asked", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  const nadia = await putPerson(logins.db, "nadia@example.com");
  const back = await logins.authorize(logins.visit(), {}, nadia);
  const hers = await toTokens(await logins.exchange(back.searchParams.get("code") ?? ""));
  const page = await endSession(visitor, { id_token_hint: hers.id_token });
  expect(await page.text()).toContain("Log out?");
  expect((await logins.auth.verify(tokens.access_token)).ok).toBe(true);
});

test.each([
  ["not the client's", "https://evil.example.com/"],
  ["a part of the client's", "https://app.example.com/"],
  ["more than the client's", `${LOGGED_OUT}/x`],
  ["script", "javascript:alert(1)"],
])("it leads nowhere that is %s", async (_what, uri) => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  for (const proof of [{ id_token_hint: tokens.id_token }, { client_id: APP.id }]) {
    const page = await endSession(visitor, { ...proof, post_logout_redirect_uri: uri });
    expect(page.status).toBe(400);
    expect(await page.text()).toContain("post_logout_redirect_uri not registered");
  }
  const nobody = await endSession(visitor, { post_logout_redirect_uri: uri });
  const done = await submit(visitor, await nobody.text(), { logout: "yes" });
  expect(done.headers.get("Location")).toBe(`${ISSUER}/end_session/success`);
});

test("nobody ends a session from another page: the form holds a secret of the session", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  for (const form of [{ logout: "yes" }, { logout: "yes", xsrf: "guessed" }]) {
    const refused = await visitor.post(`${ISSUER}/end_session/confirm`, form);
    expect(refused.status).toBe(400);
  }
  await endSession(visitor, {});
  const guessed = await visitor.post(`${ISSUER}/end_session/confirm`, { logout: "yes", xsrf: "x" });
  expect(guessed.status).toBe(400);
  expect((await logins.auth.verify(tokens.access_token)).ok).toBe(true);
});

test("an ID token that is none is refused", async () => {
  const logins = await startLogins();
  const { visitor, tokens } = await logIn(logins);
  const forged = `${tokens.id_token?.slice(0, -8)}AAAAAAAA`;
  for (const id_token_hint of ["garbage", forged, tokens.access_token]) {
    const page = await endSession(visitor, { id_token_hint });
    expect(page.status).toBe(400);
  }
});

test("who is not logged in is logged out without a question", async () => {
  const logins = await startLogins();
  const visitor = logins.visit();
  const page = await endSession(visitor, {
    client_id: APP.id,
    post_logout_redirect_uri: LOGGED_OUT,
  });
  const html = await page.text();
  expect(page.headers.get("Content-Security-Policy")).toMatch(/script-src 'sha256-[^']+'/);
  const done = await submit(visitor, html);
  expect(done.headers.get("Location")).toBe(LOGGED_OUT);
});
