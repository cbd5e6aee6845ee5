import { expect, test, vi } from "vitest";
import type { Db } from "../../../src/db/database.js";
import { contents } from "../../support/contents.js";
import type { MadeClient } from "./manage.js";
import {
  authorizationUrl,
  browse,
  challengeOf,
  type House,
  ISSUER,
  makeApp,
  newVerifier,
  startHouse,
} from "./people.js";

vi.setConfig({ testTimeout: 120_000 });

const codes = (db: Db) =>
  db("oidc_records").whereIn("kind", ["AuthorizationCode", "Grant"]).count();

/** A login of a visitor as far as the upstream issuer's way back to Florin, which is not taken. */
async function comeBack(house: House, app: MadeClient, name = "ada") {
  const visitor = house.newVisitor();
  const start = authorizationUrl(app, {
    code_challenge: challengeOf(newVerifier()),
    code_challenge_method: "S256",
  });
  const began = await visitor.follow(start, ISSUER);
  const form = await visitor.follow(began.url.href, house.upstream.issuer);
  const submitted = await visitor.post(form.url.href, { name });
  const callback = await visitor.follow(
    new URL(submitted.headers.get("location") ?? "", form.url).href,
    house.upstream.issuer,
  );
  expect(callback.url.href).toMatch(`${ISSUER}/authorize/callback?`);
  return { visitor, callback: callback.url.href };
}

test("nobody is logged in by a way back that began in another browser, or nowhere", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const [before, none] = [await contents(house.db, ["oidc_records"]), await codes(house.db)];

  const attacker = await comeBack(house, app, "bob");
  const victim = await comeBack(house, app, "ada");
  const withState = (url: string, from: string) => {
    const changed = new URL(url);
    changed.searchParams.set("state", new URL(from).searchParams.get("state") ?? "");
    return changed.href;
  };
  const without = (url: string, name: string) => {
    const changed = new URL(url);
    changed.searchParams.delete(name);
    return changed.href;
  };
  const visits: Record<string, [visitor: typeof victim.visitor, url: string]> = {
    "no cookie": [house.newVisitor(), attacker.callback],
    "someone else's cookie": [victim.visitor, attacker.callback],
    "no state": [victim.visitor, without(attacker.callback, "state")],
    "a state of nobody": [victim.visitor, attacker.callback.replace(/state=[^&]+/, "state=x")],
    "nothing at all": [victim.visitor, `${ISSUER}/authorize/callback`],
    "an error, from nowhere": [
      house.newVisitor(),
      `${ISSUER}/authorize/callback?error=access_denied&state=x`,
    ],
  };
  for (const [what, [visitor, url]] of Object.entries(visits)) {
    const response = await visitor.get(url);
    expect(response.status, what).toBe(400);
    expect(response.headers.get("location"), what).toBeNull();
    expect(response.headers.get("content-security-policy"), what).toMatch(/frame-ancestors 'none'/);
  }
  expect(await contents(house.db, ["oidc_records"])).toEqual(before);

  // The attacker's code under the victim's own state: upstream's code is bound to another login.
  const mixed = await victim.visitor.follow(withState(attacker.callback, victim.callback), ISSUER);
  expect(mixed.url.searchParams.get("error")).toBe("server_error");
  expect(await contents(house.db, ["oidc_records"])).toEqual(before);
  expect(await codes(house.db)).toEqual(none);

  // The attacker's own login was not spoiled by all that; and its way back works once.
  const done = await attacker.visitor.follow(attacker.callback, ISSUER);
  expect(done.url.searchParams.get("code")).toMatch(/./);
  const again = await attacker.visitor.get(attacker.callback);
  expect(again.status).toBe(400);
});

test("a login goes on in no other browser than the one that began it", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const start = authorizationUrl(app, {
    code_challenge: challengeOf(newVerifier()),
    code_challenge_method: "S256",
  });
  const visitor = house.newVisitor();
  const began = await visitor.get(start);
  const login = new URL(began.headers.get("location") ?? "", start).href;
  expect(login).toMatch(`${ISSUER}/login/`);
  const uid = login.slice(login.lastIndexOf("/") + 1);
  const stranger = house.newVisitor();
  await stranger.get(start);
  const before = await contents(house.db);
  for (const url of [
    login,
    `${ISSUER}/authorize/${uid}`,
    `${ISSUER}/login/x`,
    `${ISSUER}/login/..%2fkeys`,
    `${ISSUER}/authorize/..%2f..%2fkeys`,
  ]) {
    const response = await stranger.get(url);
    expect(response.status, url).toBeGreaterThanOrEqual(400);
    expect(response.status, url).toBeLessThan(500);
    expect(response.headers.get("location"), url).toBeNull();
  }
  // Before the person has said who they are, the way on only leads back to the login.
  const early = await visitor.follow(`${ISSUER}/authorize/${uid}`, ISSUER);
  expect(early.url.searchParams.has("code")).toBe(false);
  expect((await contents(house.db)).filter((row) => /AuthorizationCode|Grant/.test(row))).toEqual(
    before.filter((row) => /AuthorizationCode|Grant/.test(row)),
  );
});

test("prompt=none tells nothing but that nobody is logged in, or a code", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const silent = () =>
    authorizationUrl(app, {
      code_challenge: challengeOf(newVerifier()),
      code_challenge_method: "S256",
      prompt: "none",
    });
  const visitor = house.newVisitor();
  const cold = await visitor.follow(silent(), ISSUER);
  expect(Object.fromEntries(cold.url.searchParams)).toEqual({
    error: "login_required",
    error_description: expect.any(String),
    state: "a state",
    iss: ISSUER,
  });
  await browse(house, visitor, silent().replace("prompt=none", ""));
  const warm = await visitor.follow(silent(), ISSUER);
  expect([...warm.url.searchParams.keys()].toSorted()).toEqual(["code", "iss", "state"]);
  const asAnother = await visitor.follow(`${silent()}&id_token_hint=garbage`, ISSUER);
  expect(asAnother.url.searchParams.has("code")).toBe(false);
});
