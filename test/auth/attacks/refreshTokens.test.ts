import { decodeJwt } from "jose";
import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { manage } from "./manage.js";
import { type House, logInAt, makeApp, refresh, startHouse } from "./people.js";
import { expectInvalidToken, useWith, writeWith } from "./useToken.js";

vi.setConfig({ testTimeout: 120_000 });

const REFUSED = { status: 400, body: { error: "invalid_grant" } };

async function expectWorks({ url }: House, token: string | undefined) {
  expect(new Set(Object.values(await writeWith(url, token ?? "")))).toEqual(new Set(["ok"]));
}

async function expectDead({ url, db }: House, token: string | undefined, what: string) {
  const before = await contents(db);
  expectInvalidToken(await useWith(url, token ?? ""), /revoked|no longer exists/, what);
  expect(await contents(db)).toEqual(before);
}

test("a refresh token that was used before ends the login, for thief and owner alike", async () => {
  const house = await startHouse();
  for (const client of [
    await makeApp(house, { id: "app", public: true }),
    await makeApp(house, { id: "backend" }),
  ]) {
    const first = await logInAt(house, client);
    const second = await refresh(house, client, first.refresh_token);
    expect(second.body["refresh_token"]).not.toBe(first.refresh_token);
    const third = await refresh(house, client, second.body["refresh_token"] ?? "");
    await expectWorks(house, third.body["access_token"]);

    expect(await refresh(house, client, first.refresh_token)).toMatchObject(REFUSED);
    for (const token of [first.access_token, third.body["access_token"]]) {
      await expectDead(house, token, client.id);
    }
    const last = third.body["refresh_token"] ?? "";
    expect(await refresh(house, client, last)).toMatchObject(REFUSED);
  }
});

test("of many uses of one refresh token at once no two bring tokens that live", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  for (let round = 0; round < 3; round++) {
    const { refresh_token } = await logInAt(house, app);
    const race = Array.from({ length: 5 }, () => refresh(house, app, refresh_token));
    const answers = await Promise.all(race);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { status, body } of answers) {
      if (status !== 200) expect([status, body["error"]]).toEqual([400, "invalid_grant"]);
    }
    for (const { body } of won) {
      await expectDead(house, body["access_token"], "of the winner");
      expect(await refresh(house, app, body["refresh_token"] ?? "")).toMatchObject(REFUSED);
    }
  }
});

test("a refresh token is of no use to another client, and not spoiled by it", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const backend = await makeApp(house, { id: "backend" });
  const bare = { ...backend, secret: "" };
  for (const [owner, thieves] of [
    [app, [backend]],
    [backend, [app]],
  ] as const) {
    const { refresh_token } = await logInAt(house, owner);
    const before = await contents(house.db);
    for (const thief of thieves) {
      expect(await refresh(house, thief, refresh_token)).toMatchObject(REFUSED);
    }
    if (owner === backend) {
      const unproven = await refresh(house, bare, refresh_token);
      expect(unproven).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    }
    expect(await contents(house.db)).toEqual(before);
    const good = await refresh(house, owner, refresh_token);
    await expectWorks(house, good.body["access_token"]);
  }
});

test("a refresh gives no right that the login did not give", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true, scopes: ["ledger:write"] });
  const wishes = [
    "openid ledger:write",
    "ledger:write",
    "openid offline_access ledger:read ledger:write auth:write",
    " ledger:write",
    "*",
  ];
  for (const scope of wishes) {
    const { refresh_token } = await logInAt(house, app, {
      scope: "openid offline_access ledger:read",
    });
    const { status, body } = await refresh(house, app, refresh_token, { scope });
    if (status === 200) {
      expect(String(decodeJwt(body["access_token"] ?? "")["scope"]), scope).not.toMatch(/write/);
      for (const [way, end] of Object.entries(
        await writeWith(house.url, body["access_token"] ?? ""),
      ))
        expect(end, `${scope}, ${way}`).toMatch(/^403 .*: the access token lacks the scope /);
    } else {
      expect([status, body["error"]], scope).toEqual([400, "invalid_scope"]);
    }
  }
});

test("a refresh brings no token for another service", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const { refresh_token } = await logInAt(house, app);
  const answer = await refresh(house, app, refresh_token, { resource: "https://evil.test" });
  expect(answer).toMatchObject({ status: 400, body: { error: "invalid_target" } });
});

test("what is no refresh token is not taken for one", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const { access_token, id_token, refresh_token } = await logInAt(house, app);
  const before = await contents(house.db);
  for (const text of [
    ...["garbage", "", "\0", "' or '1'='1", "x".repeat(20_000)],
    ...[access_token, id_token, `${refresh_token}x`, refresh_token.toUpperCase()],
  ]) {
    const { status, body } = await refresh(house, app, text);
    expect([status, body["error"]], text.slice(0, 20)).toEqual([
      400,
      text === "" ? "invalid_request" : "invalid_grant",
    ]);
  }
  expect(await contents(house.db)).toEqual(before);
  expect((await refresh(house, app, refresh_token)).status).toBe(200);
});

test("the logins of a deleted client do not come back with a client of its id", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const { access_token, refresh_token } = await logInAt(house, app);
  await manage(house, "DELETE /clients/app");
  await expectDead(house, access_token, "deleted");
  expect((await refresh(house, app, refresh_token)).status).toBe(401);
  await makeApp(house, { id: "app", public: true });
  await expectDead(house, access_token, "made anew");
  expect(await refresh(house, app, refresh_token)).toMatchObject(REFUSED);
});
