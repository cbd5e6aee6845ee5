import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { ELSEWHERE, HOME } from "./elsewhere.js";
import { rs256, strangersKey, unsigned } from "./forge.js";
import { ISSUER, logInAt, makeApp, refresh, startHouse } from "./people.js";
import { writeWith } from "./useToken.js";

vi.setConfig({ testTimeout: 120_000 });

const endSession = (parameters: Record<string, string>) =>
  `${ISSUER}/end_session?${new URLSearchParams(parameters)}`;

test("a logout leads nowhere but to a registered address, compared whole", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const visitor = house.newVisitor();
  const { id_token, access_token } = await logInAt(house, app, { visitor });
  const before = await contents(house.db, ["oidc_records"]);
  for (const [what, post_logout_redirect_uri] of Object.entries(ELSEWHERE)) {
    if (post_logout_redirect_uri === "") continue;
    for (const hint of [{ id_token_hint: id_token }, { client_id: "app" }]) {
      const response = await visitor.get(endSession({ ...hint, post_logout_redirect_uri }));
      expect(response.status, what).toBe(400);
      expect(response.headers.get("location"), what).toBeNull();
      expect(await response.text(), what).not.toMatch(/javascript:|<script>alert/i);
    }
  }
  // Without a client nobody can say what is registered: the question is asked, and leads nowhere.
  const nobodys = await visitor.get(endSession({ post_logout_redirect_uri: HOME }));
  expect(nobodys.headers.get("location")).toBeNull();
  expect(await nobodys.text()).not.toContain("app.example.com");
  expect(await contents(house.db, ["oidc_records"])).toEqual(before);
  expect((await writeWith(house.url, access_token))["gRPC, call"]).toBe("ok");
});

test("nobody is logged out by a link or a form on another page", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const visitor = house.newVisitor();
  const { access_token, refresh_token, id_token } = await logInAt(house, app, { visitor });
  const bobs = await logInAt(house, app, { visitor: house.newVisitor(), name: "bob" });
  const [, claims = ""] = id_token.split(".");
  const stranger = rs256(strangersKey().privateKey);
  const header = Buffer.from('{"alg":"RS256"}').toString("base64url");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  const asked: Record<string, Record<string, string>> = {
    "without a word": {},
    "with the name of a client": { client_id: "app" },
    "with an address": { client_id: "app", post_logout_redirect_uri: HOME },
    "with an unsigned hint": { id_token_hint: `${none}.${claims}.${unsigned("")}` },
    "with a forged hint": {
      id_token_hint: `${header}.${claims}.${stranger(`${header}.${claims}`)}`,
    },
    "with a garbled hint": { id_token_hint: "garbage" },
    "with an access token": { id_token_hint: access_token },
    "with somebody else's hint": { id_token_hint: bobs.id_token },
  };
  for (const [what, parameters] of Object.entries(asked)) {
    const page = await visitor.get(endSession(parameters));
    expect(page.headers.get("location"), what).toBeNull();
    expect(page.headers.get("content-security-policy") ?? "", what).toMatch(
      /frame-ancestors 'none'/,
    );
    // A page that goes on by itself needs a script; this one asks.
    expect(await page.text(), what).not.toContain("<script");
    expect((await writeWith(house.url, access_token))["gRPC, call"], what).toBe("ok");
  }
  for (const form of [{}, { logout: "yes" }, { xsrf: "x", logout: "yes" }]) {
    for (const path of ["/end_session", "/end_session/confirm"]) {
      const other = house.newVisitor();
      await other.post(`${ISSUER}${path}`, form);
      await visitor.post(`${ISSUER}${path}`, form);
      expect((await writeWith(house.url, access_token))["gRPC, call"], path).toBe("ok");
    }
  }
  expect((await refresh(house, app, refresh_token)).status).toBe(200);
});

test("the cookies of a login are of no use to pages of other sites", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const visitor = house.newVisitor();
  await logInAt(house, app, { visitor });
  const cookie = visitor.cookiesFor(`${ISSUER}/authorize`);
  expect(cookie).not.toBe("");
  for (const path of ["/userinfo", "/clients", "/users", "/_info"]) {
    const response = await fetch(`${house.url}/api/auth${path}`, {
      headers: { cookie, origin: "https://evil.test" },
    });
    expect(response.status, path).toBe(path === "/_info" ? 200 : 401);
    expect(response.headers.get("access-control-allow-credentials"), path).toBeNull();
  }
  for (const path of ["/authorize", "/end_session"]) {
    const response = await fetch(`${house.url}/api/auth${path}?client_id=app`, {
      headers: { cookie, origin: "https://evil.test" },
      redirect: "manual",
    });
    expect(response.headers.get("access-control-allow-credentials"), path).toBeNull();
  }
});
