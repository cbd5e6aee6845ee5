import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  clientCredentialsGrant,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchProtectedResource,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  tokenIntrospection,
  tokenRevocation,
} from "openid-client";
import { describe, expect, test, vi } from "vitest";
import { HOME } from "../auth/attacks/elsewhere.js";
import type { MadeClient } from "../auth/attacks/manage.js";
import { browse, type House, ISSUER, makeApp, startHouse } from "../auth/attacks/people.js";
import type { Visitor } from "../auth/visitor.js";

vi.setConfig({ testTimeout: 60_000 });

/** How each kind of client proves who it is. */
const AUTHENTICATIONS: Readonly<Record<string, (secret: string) => ClientAuth>> = {
  "in the header": (secret) => ClientSecretBasic(secret),
  "in the form": (secret) => ClientSecretPost(secret),
  "not at all, being public": () => None(),
};

/** All that openid-client needs to know is the issuer; it checks the signatures of what it gets, too. */
const discover = ({ url }: House, { id }: MadeClient, authentication: ClientAuth) =>
  discovery(new URL(ISSUER), id, undefined, authentication, {
    execute: [allowInsecureRequests, enableNonRepudiationChecks],
    [customFetch]: (target, init) =>
      fetch(target.replace("http://florin.test", url), init as RequestInit),
  });

/** A person logs in with the library's help. */
async function logIn(house: House, issuer: Configuration, visitor: Visitor) {
  const [state, nonce, pkceCodeVerifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
  const start = buildAuthorizationUrl(issuer, {
    redirect_uri: HOME,
    scope: "openid email offline_access ledger:write",
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const { url } = await browse(house, visitor, start.href);
  return authorizationCodeGrant(issuer, url, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier,
    idTokenExpected: true,
  });
}

/** Calls the ledger with an access token; answers the status. */
async function write(issuer: Configuration, token: string): Promise<number> {
  const url = new URL("/api/ledger/main/transactions", ISSUER);
  const posting = '{"source":"world","destination":"users:1","asset":"EUR/2","amount":1}';
  const body = `{"postings":[${posting}]}`;
  const { status } = await fetchProtectedResource(issuer, token, url, "POST", body);
  return status;
}

describe.each(Object.keys(AUTHENTICATIONS))(
  "openid-client, whose client says who it is %s",
  (how) => {
    const authenticate = AUTHENTICATIONS[how] ?? expect.unreachable();
    const isPublic = how.startsWith("not");

    test("takes a person through login, refresh, revocation and logout", async () => {
      const house = await startHouse();
      const app = await makeApp(house, { id: "app", public: isPublic, scopes: ["ledger:write"] });
      const issuer = await discover(house, app, authenticate(app.secret));
      const visitor = house.newVisitor();

      const tokens = await logIn(house, issuer, visitor);
      expect(tokens.claims()).toMatchObject({ iss: ISSUER, aud: "app" });
      expect(tokens.expiresIn()).toBeGreaterThan(60);
      expect(await write(issuer, tokens.access_token)).toBe(200);
      const subject = tokens.claims()?.sub ?? "";
      expect(await fetchUserInfo(issuer, tokens.access_token, subject)).toEqual({
        sub: subject,
        email: "ada@example.com",
        email_verified: true,
      });

      const renewed = await refreshTokenGrant(issuer, tokens.refresh_token ?? "");
      expect(await write(issuer, renewed.access_token)).toBe(200);
      expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
      await tokenRevocation(issuer, renewed.access_token);
      expect(await write(issuer, renewed.access_token).catch(({ status }) => status)).toBe(401);
      expect(await write(issuer, tokens.access_token)).toBe(200);
      await tokenRevocation(issuer, renewed.refresh_token ?? "", {
        token_type_hint: "refresh_token",
      });
      expect(await write(issuer, tokens.access_token).catch(({ status }) => status)).toBe(401);

      const again = await logIn(house, issuer, visitor);
      const leave = buildEndSessionUrl(issuer, {
        id_token_hint: again.id_token ?? "",
        post_logout_redirect_uri: HOME,
        state: "bye",
      });
      expect((await logOut(visitor, leave)).href).toBe(`${HOME}?state=bye`);
      expect(await write(issuer, again.access_token).catch(({ status }) => status)).toBe(401);
      const refreshed = refreshTokenGrant(issuer, again.refresh_token ?? "");
      await expect(refreshed).rejects.toMatchObject({ error: "invalid_grant" });
    });
  },
);

test.each(["in the header", "in the form"])(
  "openid-client gets a machine, which says who it is %s, its tokens, introspects them and gives them back",
  async (how) => {
    const authenticate = AUTHENTICATIONS[how] ?? expect.unreachable();
    const house = await startHouse();
    const app = await makeApp(house, { id: "an:odd/id+&=%", redirectUris: [] });
    const issuer = await discover(house, app, authenticate(app.secret));
    const { access_token: token, token_type } = await clientCredentialsGrant(issuer);
    expect(token_type).toBe("bearer");
    expect(await write(issuer, token)).toBe(200);
    expect(await tokenIntrospection(issuer, token)).toMatchObject({
      active: true,
      client_id: app.id,
      sub: app.id,
      iss: ISSUER,
      scope: "ledger:write",
      token_type: "Bearer",
    });
    await tokenRevocation(issuer, token);
    expect(await tokenIntrospection(issuer, token)).toEqual({ active: false });
    expect(await write(issuer, token).catch(({ status }) => status)).toBe(401);
    const bad = await discover(house, app, authenticate("wrong"));
    await expect(clientCredentialsGrant(bad)).rejects.toMatchObject({ status: 401 });
  },
);

/** Follows a logout, pressing the one button there may be on the way; answers where it led. */
async function logOut(visitor: Visitor, start: URL): Promise<URL> {
  const { url, response } = await visitor.follow(start.href, ISSUER);
  if (response === null) return url;
  const page = await response.text();
  const [, action = ""] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
  const fields = [...page.matchAll(/<(?:input|button)[^>]* name="([^"]+)"[^>]* value="([^"]*)"/g)];
  const form = Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, value]));
  const submitted = await visitor.post(new URL(action, url).href, form);
  const next = new URL(submitted.headers.get("location") ?? "", url);
  return next.href.startsWith(ISSUER) ? (await visitor.follow(next.href, ISSUER)).url : next;
}
