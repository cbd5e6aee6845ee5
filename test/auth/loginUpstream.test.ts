import { randomNonce, randomPKCECodeVerifier, randomState } from "openid-client";
import { describe, expect, test } from "vitest";
import type { PendingLogin } from "../../src/auth/login/pendingLogins.js";
import { createUpstream, type Upstream } from "../../src/auth/login/upstream.js";
import type { UpstreamFailure } from "../../src/auth/login/upstreamFailure.js";
import { systemClock } from "../../src/lib/time.js";
import { changeIdToken, startUpstream, type TestUpstreamOptions } from "./upstream.js";
import { newVisitor } from "./visitor.js";

const redirectUri = "https://pay.example.com/api/auth/authorize/callback";

/** A real issuer, and our view of it. */
async function begin(options: Partial<TestUpstreamOptions> = {}, timeLimitSeconds = 10) {
  const issuer = await startUpstream({ redirectUri, ...options });
  const minute = { past: 0n };
  const upstream = createUpstream({
    upstream: { ...issuer, timeLimitSeconds },
    redirectUri,
    clock: () => systemClock() + minute.past * 60_000_000n,
  });
  return { issuer, upstream, minute };
}

const newLogin = (freshSince: number | null = null): PendingLogin => ({
  uid: "an interaction",
  state: randomState(),
  nonce: randomNonce(),
  codeVerifier: randomPKCECodeVerifier(),
  freshSince,
});

/** What a person's browser brings back from the issuer. */
async function visit(
  upstream: Upstream,
  login: PendingLogin,
  { name = "ada", visitor = newVisitor() } = {},
): Promise<URL> {
  const url = await upstream.authorizationUrl(login, {});
  if (!url.ok) throw new Error(url.failure.detail);
  const { origin } = url.value;
  const form = await visitor.follow(url.value.href, origin);
  if (form.response === null) return form.url;
  const submitted = await visitor.post(form.url.href, { name });
  const next = new URL(submitted.headers.get("location") ?? "", origin).href;
  return (await visitor.follow(next, origin)).url;
}

const failure = (kind: UpstreamFailure["kind"], reason: RegExp) => ({
  failure: { kind, detail: expect.stringMatching(reason) },
});

const identify = async (upstream: Upstream, login = newLogin()) =>
  upstream.identify(login, await visit(upstream, login));

describe("who comes back", () => {
  test("is named by the issuer's id, with the e-mail address that UserInfo tells", async () => {
    const { issuer, upstream } = await begin();
    expect(await identify(upstream)).toEqual({
      ok: true,
      value: {
        issuer: issuer.issuer,
        subject: "ada",
        email: "ada@example.com",
        isEmailVerified: true,
        authTime: expect.any(Number),
      },
    });
  });

  test("is not asked about at UserInfo when the ID token tells everything", async () => {
    const { issuer, upstream } = await begin({ isEmailInIdToken: true });
    issuer.tamper = async (context, next) => {
      await next();
      if (context.path === "/me") context.status = 500;
    };
    expect(await identify(upstream)).toMatchObject({ value: { email: "ada@example.com" } });
  });

  test("may have no e-mail address", async () => {
    const { issuer, upstream } = await begin();
    issuer.accounts.set("ada", {});
    expect(await identify(upstream)).toMatchObject({
      value: { email: "", isEmailVerified: false },
    });
  });
});

test.each([
  ["header, where the issuer takes it", "client_secret_basic", /^Basic /],
  ["form, where the issuer takes it there only", "client_secret_post", /^$/],
] as const)("the secret goes into the %s", async (_, authMethod, header) => {
  const { issuer, upstream } = await begin({ authMethod });
  const headers: string[] = [];
  issuer.tamper = (context, next) => {
    if (context.path === "/token") headers.push(context.get("authorization"));
    return next();
  };
  expect(await identify(upstream)).toMatchObject({ ok: true });
  expect(headers).toEqual([expect.stringMatching(header)]);
});

test("the authorization request carries state, nonce and a PKCE challenge, and the scopes it needs", async () => {
  const { issuer, upstream } = await begin();
  const login = newLogin();
  await visit(upstream, login);
  const [asked] = issuer.asked;
  expect(asked?.get("state")).toBe(login.state);
  expect(asked?.get("nonce")).toBe(login.nonce);
  expect(asked?.get("scope")).toBe("openid email");
  expect(asked?.get("code_challenge_method")).toBe("S256");
  expect(asked?.toString()).not.toContain(login.codeVerifier);
});

describe("an ID token is refused", () => {
  test.each([
    ["with another nonce", { nonce: "of another login" }, /unexpected .*"nonce"/],
    ["without a nonce", { nonce: undefined }, /"nonce".* missing/],
    ["of another issuer", { iss: "https://evil.example.com" }, /unexpected .*"iss"/],
    ["for another client", { aud: "somebody-else" }, /unexpected .*"aud"/],
    ["that has expired", { exp: 1_700_000_000 }, /unexpected .*"exp"/],
    ["of nobody", { sub: undefined }, /"sub".* missing/],
    ["whose subject the database cannot hold", { sub: "ada\u0000" }, /names nobody/],
  ])("%s", async (_, changes, reason) => {
    const { issuer, upstream } = await begin({ isEmailInIdToken: true });
    issuer.tamper = changeIdToken(issuer, (claims) => ({ ...claims, ...changes }));
    expect(await identify(upstream)).toMatchObject(failure("server_error", reason));
  });

  test("that a stranger signed", async () => {
    const { issuer, upstream } = await begin();
    issuer.tamper = changeIdToken(issuer, (claims) => claims, "stranger");
    const reason = /signature verification failed/;
    expect(await identify(upstream)).toMatchObject(failure("server_error", reason));
  });
});

test("UserInfo about somebody else is refused", async () => {
  const { issuer, upstream } = await begin();
  issuer.tamper = async (context, next) => {
    await next();
    if (context.path === "/me") context.body = { sub: "bob", email: "bob@example.com" };
  };
  expect(await identify(upstream)).toMatchObject(failure("server_error", /"sub"/));
});

describe("what comes back is refused", () => {
  test.each([
    ["with the state of another login", { state: ["another"] }, /unexpected "state"/],
    ["without a state", { state: [] }, /"state" missing/],
    ["with two states", { state: ["one", "two"] }, /"state" parameter must be provided only once/],
    ["from another issuer", { iss: ["https://evil.example.com"] }, /unexpected "iss"/],
    ["from an issuer that does not name itself", { iss: [] }, /"iss" .*missing/],
    ["without a code", { code: [] }, /no authorization code/],
    ["with a code that the issuer did not make", { code: ["x"] }, /invalid_grant/],
  ])("%s", async (_, changes, reason) => {
    const { upstream } = await begin();
    const login = newLogin();
    const callback = await visit(upstream, login);
    for (const [name, values] of Object.entries(changes)) {
      callback.searchParams.delete(name);
      for (const value of values) callback.searchParams.append(name, value);
    }
    const answer = await upstream.identify(login, callback);
    expect(answer).toMatchObject(failure("server_error", reason));
  });

  test("after another PKCE secret", async () => {
    const { upstream } = await begin();
    const login = newLogin();
    const callback = await visit(upstream, login);
    const other = { ...login, codeVerifier: randomPKCECodeVerifier() };
    const answer = await upstream.identify(other, callback);
    expect(answer).toMatchObject(failure("server_error", /invalid_grant/));
  });
});

test("a refusal of the issuer is a refusal, in one line of bounded length", async () => {
  const { upstream } = await begin();
  const login = newLogin();
  const callback = await visit(upstream, login, { name: `nobody\r\n${"x".repeat(9000)}` });
  const answer = await upstream.identify(login, callback);
  expect(answer).toMatchObject({ failure: { kind: "access_denied" } });
  const detail = answer.ok ? "" : answer.failure.detail;
  expect(detail).toMatch(/access_denied no "nobody/);
  expect(detail).toMatch(/^\P{C}{1,500}$/u);
});

describe("an issuer that cannot be reached", () => {
  test("is not there", async () => {
    const { issuer, upstream } = await begin();
    await issuer.stop();
    const url = await upstream.authorizationUrl(newLogin(), {});
    expect(url).toMatchObject(failure("temporarily_unavailable", /ECONNREFUSED/));
  });

  test.each(["/.well-known/openid-configuration", "/token", "/me", "/jwks"])(
    "answers %s with 500, and is asked again at the next login",
    async (path) => {
      const { issuer, upstream } = await begin();
      issuer.tamper = async (context, next) => {
        await next();
        if (context.path === path) context.status = 503;
      };
      const login = newLogin();
      const answer =
        path === "/.well-known/openid-configuration"
          ? await upstream.authorizationUrl(login, {})
          : await upstream.identify(login, await visit(upstream, login));
      expect(answer).toMatchObject(failure("temporarily_unavailable", /503/));

      issuer.tamper = (_, next) => next();
      expect(await identify(upstream)).toMatchObject({ ok: true });
    },
  );

  test("takes longer than it may", async () => {
    const { issuer, upstream } = await begin({}, 0.2);
    const login = newLogin();
    const callback = await visit(upstream, login);
    issuer.tamper = () => new Promise(() => {});
    const answer = await upstream.identify(login, callback);
    expect(answer).toMatchObject(failure("temporarily_unavailable", /timed out/));
  });
});

test.each(["/.well-known/openid-configuration", "/token", "/me", "/jwks"])(
  "an answer of %s without end is not read to its end",
  async (path) => {
    const { issuer, upstream } = await begin();
    issuer.tamper = async (context, next) => {
      await next();
      if (context.path !== path) return;
      context.body = { ...Object(context.body), padding: " ".repeat(2_000_000) };
    };
    const login = newLogin();
    const answer = path.startsWith("/.")
      ? await upstream.authorizationUrl(login, {})
      : await upstream.identify(login, await visit(upstream, login));
    expect(answer).toMatchObject(failure("server_error", /too long/));
  },
);

test("what the issuer says of itself is asked for once, by many logins, and anew after an hour", async () => {
  const { issuer, upstream, minute } = await begin();
  let asked = 0;
  issuer.tamper = async (context, next) => {
    if (context.path === "/.well-known/openid-configuration") asked += 1;
    await next();
  };
  await Promise.all([1, 2, 3].map(() => upstream.authorizationUrl(newLogin(), {})));
  expect(asked).toBe(1);
  minute.past = 61n;
  await upstream.authorizationUrl(newLogin(), {});
  expect(asked).toBe(2);
});

test("new keys of the issuer are known after the first login that fails for them", async () => {
  const { issuer, upstream } = await begin();
  expect(await identify(upstream)).toMatchObject({ ok: true });
  issuer.rotateKeys();
  expect(await identify(upstream)).toMatchObject(failure("server_error", /signature/));
  expect(await identify(upstream)).toMatchObject({ ok: true });
});

describe("a login that has to be fresh", () => {
  const hourAgo = Math.trunc(Date.now() / 1000) - 3600;

  test.each([
    ["is refused if the person logged in before", { auth_time: hourAgo }, "login_required"],
    ["is believed of an issuer that does not tell", { auth_time: undefined }, undefined],
  ])("%s", async (_, changes, kind) => {
    const { issuer, upstream } = await begin();
    issuer.tamper = changeIdToken(issuer, (claims) => ({ ...claims, ...changes }));
    const answer = await identify(upstream, newLogin(Math.trunc(Date.now() / 1000)));
    expect(answer.ok ? undefined : answer.failure.kind).toBe(kind);
  });
});
