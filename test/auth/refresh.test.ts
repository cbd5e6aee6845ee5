import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { updateClient } from "../../src/auth/updateClient.js";
import {
  APP,
  type Logins,
  outcomeOf,
  putApp,
  SHOP_URI,
  secondsLeft,
  startLogins,
  toTokens,
} from "./logins.js";
import { CLIENT } from "./startAuth.js";

const OFFLINE = { scope: "openid email offline_access ledger:read" };
const DAY = 86_400;

const attachReader = async ({ db }: Logins) => {
  const [scope_id] = await db("scopes").where({ label: "ledger:write" }).pluck("id");
  await db("client_scopes").insert({ client_id: APP.id, scope_id });
};

test("a refresh token is exchanged for new tokens, and for another refresh token", async () => {
  const logins = await startLogins();
  await attachReader(logins);
  const first = await logins.tokens(OFFLINE);
  const second = await toTokens(await logins.refresh(first.refresh_token));
  expect(second).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 300,
    id_token: expect.any(String),
    refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    scope: "openid email offline_access ledger:read",
  });
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await logins.auth.verify(second.access_token)).toMatchObject({
    value: { kind: "user", subject: logins.maria, scopes: new Set(second.scope?.split(" ")) },
  });
  expect(await outcomeOf(logins.refresh(second.refresh_token))).toBe("200");
});

test("a refresh token that is used again takes everything with it that came of its login", async () => {
  const { auth, tokens, refresh, db } = await startLogins();
  const first = await tokens(OFFLINE);
  const second = await toTokens(await refresh(first.refresh_token));
  expect((await auth.verify(second.access_token)).ok).toBe(true);
  expect(await outcomeOf(refresh(first.refresh_token))).toBe("400 invalid_grant");
  expect((await auth.verify(second.access_token)).ok).toBe(false);
  expect((await auth.verify(first.access_token)).ok).toBe(false);
  expect(await outcomeOf(refresh(second.refresh_token))).toBe("400 invalid_grant");
  expect(await db("oidc_records").whereNotNull("grant_id")).toEqual([]);
});

test("of many that use a refresh token at once, one gets tokens, and nobody keeps them", async () => {
  const { auth, tokens, refresh } = await startLogins();
  for (let round = 0; round < 5; round++) {
    const { refresh_token } = await tokens(OFFLINE);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)));
    const won = await Promise.all(answers.filter(({ status }) => status === 200).map(toTokens));
    expect(won).toHaveLength(1);
    for (const { access_token, refresh_token: next } of won) {
      expect((await auth.verify(access_token)).ok).toBe(false);
      expect(await outcomeOf(refresh(next))).toBe("400 invalid_grant");
    }
  }
});

test("a login that ended so stays ended, also where the person goes through it at that moment", async () => {
  const logins = await startLogins();
  for (let round = 0; round < 8; round++) {
    const visitor = logins.visit();
    const goOn = () => logins.authorize(visitor, { scope: "openid offline_access" });
    const code = (await goOn()).searchParams.get("code") ?? "";
    const first = await toTokens(await logins.exchange(code));
    const second = await toTokens(await logins.refresh(first.refresh_token));
    await Promise.all([logins.refresh(first.refresh_token), goOn(), goOn(), goOn()]);
    expect((await logins.auth.verify(second.access_token)).ok).toBe(false);
    expect(await outcomeOf(logins.refresh(second.refresh_token))).toBe("400 invalid_grant");
  }
});

test("refreshing is over thirty days after the login, and its grant lasts that long", async () => {
  const { db, tokens, refresh } = await startLogins();
  const { refresh_token } = await tokens(OFFLINE);
  const left = await secondsLeft(db, "RefreshToken");
  expect(left).toBeLessThanOrEqual(30 * DAY);
  expect(left).toBeGreaterThan(30 * DAY - 60);
  expect(await secondsLeft(db, "Grant")).toBeGreaterThan(30 * DAY + 60);
  await db("oidc_records").where({ kind: "RefreshToken" }).update({ expires_at: db.fn.now() });
  expect(await outcomeOf(refresh(refresh_token))).toBe("400 invalid_grant");
});

test("refreshed tokens may do what the client may do now, and never more than was asked for", async () => {
  const logins = await startLogins();
  const { db, tokens, refresh } = logins;
  await attachReader(logins);
  const first = await tokens(OFFLINE);
  await db("client_scopes").where({ client_id: APP.id }).delete();
  const second = await toTokens(await refresh(first.refresh_token));
  expect(decodeJwt(second.access_token)["scope"]).toBe("openid email offline_access");
  await attachReader(logins);
  const third = await toTokens(await refresh(second.refresh_token));
  expect(third.scope).toBe("openid email offline_access ledger:read");
  const less = await toTokens(
    await refresh(third.refresh_token, { scope: " openid   ledger:read " }),
  );
  expect(decodeJwt(less.access_token)["scope"]).toBe("openid ledger:read");
  const none = await toTokens(await refresh(less.refresh_token, { scope: "email" }));
  expect([none.scope, none.id_token]).toEqual(["email", undefined]);
  const more = refresh(none.refresh_token, { scope: "openid ledger:write" });
  expect(await outcomeOf(more)).toBe("400 invalid_scope");
  expect(await outcomeOf(refresh(none.refresh_token))).toBe("200");
});

test("a token that may do nothing any more says so, instead of nothing", async () => {
  const logins = await startLogins();
  await attachReader(logins);
  const { refresh_token } = await logins.tokens({ scope: "offline_access ledger:read" });
  await logins.db("client_scopes").delete();
  const { access_token } = await toTokens(
    await logins.refresh(refresh_token, { scope: "ledger:read" }),
  );
  expect(decodeJwt(access_token)["scope"]).toBe("");
  expect(await logins.auth.verify(access_token)).toMatchObject({ value: { scopes: new Set() } });
});

test("a refresh token is its client's", async () => {
  const { tokens, refresh, db } = await startLogins();
  await db("clients").insert({ id: "other", name: "", public: true, redirect_uris: [SHOP_URI] });
  const { refresh_token } = await tokens(OFFLINE);
  for (const client of [
    { client_id: "other" },
    { client_id: CLIENT.id, client_secret: CLIENT.secret },
  ]) {
    expect(await outcomeOf(refresh(refresh_token, client))).toBe("400 invalid_grant");
  }
  expect(await outcomeOf(refresh("garbage"))).toBe("400 invalid_grant");
  expect(await outcomeOf(refresh(""))).toBe("400 invalid_request");
  expect(await outcomeOf(refresh(refresh_token))).toBe("200");
});

test("a client that was deleted and made anew inherits neither codes nor refresh tokens", async () => {
  const { db, auth, tokens, code, exchange, refresh } = await startLogins();
  const old = await tokens(OFFLINE);
  const unused = await code();
  await db("clients").where({ id: APP.id }).delete();
  expect(await outcomeOf(refresh(old.refresh_token))).toBe("401 invalid_client");
  await putApp(db);
  expect(await outcomeOf(refresh(old.refresh_token))).toBe("400 invalid_grant");
  expect(await outcomeOf(exchange(unused))).toBe("400 invalid_grant");
  expect((await auth.verify(old.access_token)).ok).toBe(false);
});

test("a client that becomes public keeps none of the logins that it got by its secret", async () => {
  const { db, auth, visit, authorize, exchange, refresh } = await startLogins();
  const login = { client_id: CLIENT.id, redirect_uri: SHOP_URI };
  const get = async () => {
    const back = await authorize(visit(), { ...login, ...OFFLINE });
    return back.searchParams.get("code") ?? "";
  };
  const form = { ...login, client_secret: CLIENT.secret };
  const old = await toTokens(await exchange(await get(), form));
  const unused = await get();
  const manage = (isPublic: boolean) =>
    updateClient(db, CLIENT.id, {
      name: "Shop",
      description: "",
      isPublic,
      isTrusted: false,
      redirectUris: [SHOP_URI],
      postLogoutRedirectUris: [],
      metadata: {},
    });
  await manage(false);
  const kept = await toTokens(await refresh(old.refresh_token, form));
  await manage(true);
  expect(await outcomeOf(refresh(kept.refresh_token, login))).toBe("400 invalid_grant");
  expect(await outcomeOf(exchange(unused, login))).toBe("400 invalid_grant");
  expect((await auth.verify(kept.access_token)).ok).toBe(false);
  expect(await outcomeOf(exchange(await get(), login))).toBe("200");
});
