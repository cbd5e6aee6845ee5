import { once } from "node:events";
import { connect } from "node:http2";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import {
  APP,
  CHALLENGE,
  ISSUER,
  outcomeOf,
  SHOP_URI,
  secondsLeft,
  startLogins,
  toTokens,
  VERIFIER,
} from "./logins.js";
import { CLIENT, PUBLIC_URL, serve } from "./startAuth.js";

test("a person logs in, and the code is worth an access token and an ID token", async () => {
  const { visit, authorize, exchange, root, maria } = await startLogins();
  const back = await authorize(visit(), { scope: "openid email", nonce: "the nonce" });
  expect(`${back.origin}${back.pathname}`).toBe("https://app.example.com/callback");
  expect(Object.fromEntries(back.searchParams)).toEqual({
    from: "florin",
    code: expect.any(String),
    state: "the state",
    iss: ISSUER,
  });
  const response = await exchange(back.searchParams.get("code") ?? "");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  const tokens = (await response.json()) as { access_token: string; id_token: string };
  expect(tokens).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 300,
    id_token: expect.any(String),
    scope: "openid email",
  });
  const keys = createRemoteJWKSet(new URL(`${root}/keys`));
  const access = await jwtVerify(tokens.access_token, keys, { typ: "at+jwt" });
  expect(access.payload).toEqual({
    iss: ISSUER,
    aud: `${PUBLIC_URL}/api`,
    sub: maria,
    client_id: APP.id,
    client_id_issued_at: expect.any(Number),
    scope: "openid email",
    grant: expect.any(String),
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: Number(access.payload.iat) + 300,
  });
  const id = await jwtVerify(tokens.id_token, keys, { issuer: ISSUER, audience: APP.id });
  expect(id.payload).toEqual({
    iss: ISSUER,
    aud: APP.id,
    sub: maria,
    nonce: "the nonce",
    at_hash: expect.any(String),
    email: "maria@example.com",
    email_verified: true,
    iat: expect.any(Number),
    exp: Number(id.payload.iat) + 3600,
  });
});

test("a confidential client logs people in, and itself", async () => {
  const { db, visit, authorize, exchange, root } = await startLogins();
  const login = { client_id: CLIENT.id, redirect_uri: SHOP_URI };
  const back = await authorize(visit(), {
    ...login,
    code_challenge: undefined,
    code_challenge_method: undefined,
  });
  const form = { ...login, client_secret: CLIENT.secret, code_verifier: "" };
  const code = back.searchParams.get("code") ?? "";
  expect(await outcomeOf(exchange(code, { ...form, client_secret: "wrong" }))).toBe(
    "401 invalid_client",
  );
  expect(await outcomeOf(exchange(code, { ...form, client_secret: "" }))).toBe(
    "401 invalid_client",
  );
  expect(await outcomeOf(exchange(code, form))).toBe("200");
  const asItself = { ...form, grant_type: "client_credentials" };
  expect(await outcomeOf(exchange("", asItself))).toBe("200");
  const asApp = exchange("", { grant_type: "client_credentials" });
  expect(await outcomeOf(asApp)).toBe("400 unauthorized_client");
  await db("clients").where({ id: CLIENT.id }).update({ redirect_uris: [] });
  expect(await outcomeOf(exchange("x", form))).toBe("400 unauthorized_client");
  expect((await fetch(`${root}/authorize?client_id=${CLIENT.id}`)).status).toBe(400);
});

test("a login begins over HTTP/2, too", async () => {
  const { auth, authorizeUrl } = await startLogins();
  const session = connect(new URL(await serve(auth, "h2c")).origin);
  const { search } = new URL(authorizeUrl());
  const request = session.request({ ":path": `/api/auth/authorize${search}` });
  const [headers] = await once(request, "response");
  request.resume();
  session.close();
  expect(headers[":status"]).toBe(303);
  expect(headers["location"]).toMatch(/^\/florin\/api\/auth\/login\/[\w-]+$/);
  expect(headers["set-cookie"]).toHaveLength(4);
});

test("after a login was ended, the next one in the same browser is a new one", async () => {
  const { visit, authorize, exchange, auth } = await startLogins();
  const visitor = visit();
  const get = async () => (await authorize(visitor)).searchParams.get("code") ?? "";
  const code = await get();
  const first = await toTokens(await exchange(code));
  await exchange(code);
  expect((await auth.verify(first.access_token)).ok).toBe(false);
  const second = await toTokens(await exchange(await get()));
  expect((await auth.verify(second.access_token)).ok).toBe(true);
});

describe("the scope of a person's token", () => {
  const attach = async (
    { db }: Awaited<ReturnType<typeof startLogins>>,
    ...labels: readonly string[]
  ) => {
    const ids = await db("scopes")
      .whereIn("label", [...labels])
      .pluck("id");
    await db("client_scopes").insert(ids.map((scope_id) => ({ client_id: APP.id, scope_id })));
  };

  test("is what was asked for and is attached to the client, and the unknown is dropped", async () => {
    const logins = await startLogins();
    await attach(logins, "ledger:write", "payments:read");
    const { scope, access_token } = await logins.tokens({
      scope: "openid  ledger:read moon:read payments:write ",
    });
    expect(scope).toBe("openid ledger:read");
    expect(decodeJwt(access_token)["scope"]).toBe("openid ledger:read");
  });

  test("has no service's scope where the client has none: people are never unrestricted", async () => {
    const logins = await startLogins();
    const { access_token } = await logins.tokens({ scope: "openid ledger:read auth:write" });
    expect(decodeJwt(access_token)["scope"]).toBe("openid");
  });

  test("holds what an attached scope implies", async () => {
    const logins = await startLogins();
    const { db } = logins;
    await db("scopes").insert({ id: "cashier", label: "cashier" });
    await attach(logins, "cashier");
    const [reader] = await db("scopes").where({ label: "ledger:read" }).pluck("id");
    await db("transient_scopes").insert({ scope_id: "cashier", transient_scope_id: reader });
    expect((await logins.tokens({ scope: "ledger:read" })).scope).toBe("ledger:read");
  });

  test("may be without openid, and then there is no ID token", async () => {
    const logins = await startLogins();
    await attach(logins, "ledger:read");
    const { scope, id_token } = await logins.tokens({ scope: "ledger:read" });
    expect([scope, id_token]).toEqual(["ledger:read", undefined]);
  });

  test("is never empty: who may have nothing of it is told so", async () => {
    const { visit, authorize } = await startLogins();
    for (const scope of ["ledger:read", undefined]) {
      const back = await authorize(visit(), { scope });
      expect(back.searchParams.get("error")).toBe("access_denied");
      expect(back.searchParams.get("code")).toBeNull();
    }
  });

  test("offline_access is worth a refresh token, without asking for consent", async () => {
    const { tokens } = await startLogins();
    expect((await tokens({ scope: "openid" })).refresh_token).toBeUndefined();
    const plain = await tokens({ scope: "openid offline_access" });
    const asked = await tokens({ scope: "openid offline_access", prompt: "consent" });
    for (const { scope, refresh_token } of [plain, asked]) {
      expect(scope).toBe("openid offline_access");
      expect(refresh_token).toMatch(/^[\w-]{43}$/);
    }
  });
});

describe("PKCE", () => {
  test("a public client must send a challenge, and of SHA-256", async () => {
    const { visit, authorize } = await startLogins();
    const noChallenge = { code_challenge: undefined, code_challenge_method: undefined };
    const plain = { code_challenge: VERIFIER, code_challenge_method: "plain" };
    const unnamed = { code_challenge: VERIFIER, code_challenge_method: undefined };
    for (const challenge of [noChallenge, plain, unnamed]) {
      const back = await authorize(visit(), challenge);
      expect(back.href.startsWith(APP.redirectUri)).toBe(true);
      expect(back.searchParams.get("error")).toBe("invalid_request");
    }
  });

  test("a code is only worth something together with its verifier", async () => {
    const { code, exchange } = await startLogins();
    const it = await code();
    const wrong = `${VERIFIER}x`;
    for (const code_verifier of ["", wrong, CHALLENGE, "short"]) {
      expect(await outcomeOf(exchange(it, { code_verifier }))).toMatch(
        /^400 invalid_(grant|request)$/,
      );
    }
    expect(await outcomeOf(exchange(it))).toBe("200");
  });

  test("a verifier for a code without challenge is refused: somebody took the challenge out", async () => {
    const { visit, authorize, exchange } = await startLogins();
    const login = { client_id: CLIENT.id, redirect_uri: SHOP_URI };
    const back = await authorize(visit(), {
      ...login,
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    const form = { ...login, client_secret: CLIENT.secret };
    expect(await outcomeOf(exchange(back.searchParams.get("code") ?? "", form))).toBe(
      "400 invalid_grant",
    );
  });
});

describe("a code", () => {
  test("works once; used again, it takes the tokens with it that came of it", async () => {
    const { auth, code, exchange, refresh } = await startLogins();
    const it = await code({ scope: "openid offline_access" });
    const tokens = (await (await exchange(it)).json()) as Record<string, string>;
    expect((await auth.verify(tokens["access_token"] ?? "")).ok).toBe(true);
    expect(await outcomeOf(exchange(it))).toBe("400 invalid_grant");
    expect((await auth.verify(tokens["access_token"] ?? "")).ok).toBe(false);
    expect(await outcomeOf(refresh(tokens["refresh_token"]))).toBe("400 invalid_grant");
  });

  test("of many that use it at once, one gets tokens, and nobody keeps them", async () => {
    const { auth, code, exchange, db } = await startLogins();
    for (let round = 0; round < 5; round++) {
      const it = await code();
      const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(it)));
      const won = answers.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      for (const { access_token } of await Promise.all(won.map(toTokens))) {
        expect((await auth.verify(access_token)).ok).toBe(false);
      }
    }
    expect(await db("oidc_records").where({ kind: "Grant" })).toEqual([]);
  });

  test("is good for a minute", async () => {
    const { code, exchange, db } = await startLogins();
    const it = await code();
    const left = await secondsLeft(db, "AuthorizationCode");
    expect(left).toBeGreaterThan(30);
    expect(left).toBeLessThanOrEqual(60);
    await db("oidc_records")
      .where({ kind: "AuthorizationCode" })
      .update({ expires_at: db.fn.now() });
    expect(await outcomeOf(exchange(it))).toBe("400 invalid_grant");
  });

  test("is its client's, and its redirect URI's", async () => {
    const { code, exchange } = await startLogins();
    const it = await code();
    const asShop = { client_id: CLIENT.id, client_secret: CLIENT.secret };
    expect(await outcomeOf(exchange(it, asShop))).toBe("400 invalid_grant");
    for (const redirect_uri of ["https://app.example.com/callback", SHOP_URI]) {
      expect(await outcomeOf(exchange(it, { redirect_uri }))).toBe("400 invalid_grant");
    }
    expect(await outcomeOf(exchange(it, { redirect_uri: "" }))).toBe("400 invalid_request");
    expect(await outcomeOf(exchange(it))).toBe("200");
  });
});

test.each([
  ["another path below", "https://app.example.com/callback/x?from=florin"],
  ["a part of it", "https://app.example.com/callback"],
  ["more query", `${APP.redirectUri}&x=1`],
  ["a path that leads back to it", "https://app.example.com/x/../callback?from=florin"],
  ["a fragment", `${APP.redirectUri}#x`],
  ["a user", "https://app.example.com@evil.example.com/callback?from=florin"],
  ["another port", "https://app.example.com:444/callback?from=florin"],
  ["another case", "https://APP.example.com/callback?from=florin"],
  ["a dot at its host's end", "https://app.example.com./callback?from=florin"],
  ["no TLS", "http://app.example.com/callback?from=florin"],
  ["script", "javascript:alert(1)"],
  ["nothing", undefined],
])("a redirect URI with %s is refused on a page, and leads nowhere", async (_what, uri) => {
  const { visit, authorizeUrl } = await startLogins();
  const url = authorizeUrl({ redirect_uri: uri, state: "<script>" });
  const response = await visit().get(url, { Accept: "text/html" });
  expect(response.status).toBe(400);
  expect(response.headers.get("Location")).toBeNull();
  expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
});

test("a redirect URI that was taken from the client during the login is refused", async () => {
  const { db, visit, authorize } = await startLogins();
  const visitor = visit();
  const change = () =>
    db("clients")
      .where({ id: APP.id })
      .update({ redirect_uris: ["https://app.example.com/new"] });
  const follow = visitor.follow;
  const slow = {
    ...visitor,
    async follow(url: string, ...through: string[]) {
      if (!url.includes("?")) await change();
      return follow(url, ...through);
    },
  };
  const led = await authorize(slow);
  expect(led.href.startsWith(`${ISSUER}/authorize/`)).toBe(true);
  expect(await db("oidc_records").where({ kind: "AuthorizationCode" })).toEqual([]);
});

test.each(["__proto__", "constructor"])(
  "nobody logs in at a client called %s: what it gets would be everybody's",
  async (id) => {
    const { db, authorizeUrl, visit } = await startLogins();
    await db("clients").insert({ id, name: "", redirect_uris: [SHOP_URI] });
    const answer = await visit().get(authorizeUrl({ client_id: id, redirect_uri: SHOP_URI }));
    expect(await outcomeOf(answer)).toBe("400 invalid_client");
  },
);

describe("who has logged in", () => {
  test("need not do so again within the session, and may be asked to all the same", async () => {
    const { visit, authorize, authorizeUrl } = await startLogins();
    const visitor = visit();
    await authorize(visitor);
    const again = await visitor.get(authorizeUrl());
    expect(new URL(again.headers.get("Location") ?? "").searchParams.get("code")).not.toBeNull();
    const login = await visitor.get(authorizeUrl({ prompt: "login" }));
    expect(login.headers.get("Location")).toMatch(/^\/florin\/api\/auth\/login\/[\w-]+$/);
    const quiet = await authorize(visitor, { prompt: "none" });
    expect(quiet.searchParams.get("code")).not.toBeNull();
  });

  test("not, is not asked by prompt=none", async () => {
    const { visit, authorize } = await startLogins();
    const back = await authorize(visit(), { prompt: "none" });
    expect(back.searchParams.get("error")).toBe("login_required");
    expect(back.searchParams.get("state")).toBe("the state");
  });

  test("has a session of twelve hours, which use does not prolong, in a cookie of these endpoints alone", async () => {
    const { db, visit, authorize, authorizeUrl } = await startLogins();
    const visitor = visit();
    await authorize(visitor);
    const response = await visitor.get(authorizeUrl());
    const cookie = response.headers.getSetCookie().find((it) => it.startsWith("_session="));
    expect(cookie).toMatch(/; path=\/florin\/api\/auth; .*samesite=lax; secure; httponly/i);
    const left = () => secondsLeft(db, "Session");
    expect(await left()).toBeLessThanOrEqual(12 * 3600);
    expect(await left()).toBeGreaterThan(12 * 3600 - 60);
  });

  test("can go on only in the browser that began", async () => {
    const { visit, authorizeUrl, authorize, db } = await startLogins();
    const [victim, thief] = [visit(), visit()];
    const begun = await victim.get(authorizeUrl());
    const uid = begun.headers.get("Location")?.split("/").at(-1);
    const stolen = await thief.get(`${ISSUER}/authorize/${uid}`, { Accept: "text/html" });
    expect(stolen.status).toBe(400);
    expect(await stolen.text()).toContain("This cannot be done");
    expect(await db("oidc_records").where({ kind: "AuthorizationCode" })).toEqual([]);
    expect((await authorize(victim)).searchParams.get("code")).not.toBeNull();
  });
});

test.each([
  ["fragment", /#code=/],
  ["query", /[?&]code=/],
])("a code comes back in the %s if that is asked for", async (response_mode, shape) => {
  const { visit, authorize } = await startLogins();
  expect((await authorize(visit(), { response_mode })).href).toMatch(shape);
});

test("a code comes back in a form if that is asked for, whose script is the only one allowed", async () => {
  const { visit, authorize, authorizeUrl } = await startLogins();
  const visitor = visit();
  await authorize(visitor);
  const response = await visitor.get(authorizeUrl({ response_mode: "form_post" }));
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Security-Policy")).toMatch(
    /^default-src 'none';script-src 'sha256-[^']+';style-src [^;]+;base-uri 'none';frame-ancestors 'none'$/,
  );
  expect(await response.text()).toMatch(/name="code" value="[\w-]+"/);
});

test.each([
  ["request", { request: "e30.e30." }, "request_not_supported"],
  ["request_uri", { request_uri: "https://evil.example.com/" }, "request_uri_not_supported"],
  ["resource", { resource: "https://evil.example.com/" }, "invalid_target"],
  ["response_type", { response_type: "token" }, "unsupported_response_type"],
  ["response_mode", { response_mode: "web_message" }, "unsupported_response_mode"],
])("%s is refused at the client, in the words of OAuth 2", async (_what, change, error) => {
  const { visit, authorize } = await startLogins();
  const back = await authorize(visit(), change as Record<string, string>);
  expect(
    back.searchParams.get("error") ?? new URLSearchParams(back.hash.slice(1)).get("error"),
  ).toBe(error);
});

describe("an error that cannot go to the client", () => {
  test("is a page for a browser: escaped, unframed, without script", async () => {
    const { visit, authorizeUrl } = await startLogins();
    const url = authorizeUrl({ client_id: "<script>alert(1)</script>" });
    const response = await visit().get(url, { Accept: "text/html,*/*;q=0.8" });
    expect(response.status).toBe(400);
    const { headers } = response;
    expect(headers.get("Content-Security-Policy")).toMatch(/^default-src 'none';script-src;/);
    expect(headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Cache-Control")).toBe("no-store");
    const html = await response.text();
    expect(html).toContain("invalid_client");
    expect(html).not.toContain("<script");
  });

  test("is JSON for a program", async () => {
    const { visit, authorizeUrl } = await startLogins();
    const response = await visit().get(authorizeUrl({ client_id: "nobody" }));
    expect(response.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toMatchObject({ error: "invalid_client" });
  });
});
