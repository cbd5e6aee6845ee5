import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { ELSEWHERE } from "./elsewhere.js";
import {
  challengeOf,
  exchange,
  type House,
  logInAt,
  makeApp,
  newCode,
  newVerifier,
  refresh,
  startHouse,
} from "./people.js";
import { expectInvalidToken, useWith, writeWith } from "./useToken.js";

vi.setConfig({ testTimeout: 120_000 });

const ROWS = ["oidc_records"];

/** That a token of a person works on every wire. */
async function expectWorks({ url }: House, token: string | undefined) {
  expect(new Set(Object.values(await writeWith(url, token ?? "")))).toEqual(new Set(["ok"]));
}

test("PKCE cannot be left out, undone or guessed", async () => {
  const house = await startHouse();
  const verifier = newVerifier();
  const clients = [
    await makeApp(house, { id: "app", public: true }),
    await makeApp(house, { id: "backend" }),
  ];
  const guesses: Record<string, string | undefined> = {
    nothing: undefined,
    "an empty verifier": "",
    "another verifier": newVerifier(),
    "the verifier in capitals": verifier.toUpperCase(),
    "the verifier and more": `${verifier}x`,
    "a verifier that is too short": verifier.slice(0, 42),
    "the challenge for the verifier": challengeOf(verifier),
  };
  for (const client of clients) {
    for (const [what, code_verifier] of Object.entries(guesses)) {
      const code = await newCode(house, client, { verifier });
      const before = await contents(house.db, ROWS);
      const { status, body } = await exchange(house, client, { code, code_verifier });
      expect(status, `${client.id}, ${what}`).toBe(400);
      expect(body["error"], `${client.id}, ${what}`).toMatch(/^invalid_(grant|request)$/);
      expect(await contents(house.db, ROWS)).toEqual(before);
    }
  }
});

test("a verifier is refused where the request had no challenge: somebody took it out", async () => {
  const house = await startHouse();
  const backend = await makeApp(house, { id: "backend" });
  const code = await newCode(house, backend);
  const answer = await exchange(house, backend, { code, code_verifier: newVerifier() });
  expect(answer).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
});

test("a code is good for one exchange; the next one kills what the first has brought", async () => {
  const house = await startHouse();
  const { url, db } = house;
  for (const client of [
    await makeApp(house, { id: "app", public: true }),
    await makeApp(house, { id: "backend" }),
  ]) {
    const verifier = newVerifier();
    const code = await newCode(house, client, { verifier });
    const { body } = await exchange(house, client, { code, code_verifier: verifier });
    await expectWorks(house, body["access_token"]);
    const renewed = await refresh(house, client, body["refresh_token"] ?? "");
    expect(renewed.status).toBe(200);
    await expectWorks(house, renewed.body["access_token"]);

    const replayed = await exchange(house, client, { code, code_verifier: verifier });
    expect(replayed).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const before = await contents(db);
    for (const token of [body["access_token"], renewed.body["access_token"]]) {
      expectInvalidToken(await useWith(url, token ?? ""), /revoked/, client.id);
    }
    expect(await contents(db)).toEqual(before);
    const again = await refresh(house, client, renewed.body["refresh_token"] ?? "");
    expect(again).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  }
});

test("of many exchanges of one code at once no two bring tokens that live", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  for (let round = 0; round < 3; round++) {
    const verifier = newVerifier();
    const code = await newCode(house, app, { verifier });
    const race = Array.from({ length: 5 }, () =>
      exchange(house, app, { code, code_verifier: verifier }),
    );
    const answers = await Promise.all(race);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { status, body } of answers) {
      if (status !== 200) expect([status, body["error"]]).toEqual([400, "invalid_grant"]);
    }
    for (const { body } of won) {
      const ends = await useWith(house.url, body["access_token"] ?? "");
      expectInvalidToken(ends, /revoked/, "of the winner");
    }
  }
});

test("a code is of no use to another client, and not spoiled by it", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const backend = await makeApp(house, { id: "backend" });
  for (const [owner, thief] of [
    [app, backend],
    [backend, app],
  ] as const) {
    const verifier = newVerifier();
    const code = await newCode(house, owner, { verifier });
    const before = await contents(house.db);
    const stolen = await exchange(house, thief, { code, code_verifier: verifier });
    expect(stolen).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(await contents(house.db)).toEqual(before);
    const good = await exchange(house, owner, { code, code_verifier: verifier });
    await expectWorks(house, good.body["access_token"]);
  }
});

test("a code is exchanged with the address it was sent to, to the letter", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const verifier = newVerifier();
  const code = await newCode(house, app, { verifier });
  const before = await contents(house.db);
  for (const [what, redirect_uri] of Object.entries({ ...ELSEWHERE, none: undefined })) {
    const answer = await exchange(house, app, { code, code_verifier: verifier, redirect_uri });
    expect(answer.status, what).toBe(400);
    expect(answer.body["error"], what).toMatch(/^invalid_(grant|request)$/);
  }
  expect(await contents(house.db)).toEqual(before);
});

test("what is no code is not taken for one", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const verifier = newVerifier();
  const { access_token, refresh_token, id_token } = await logInAt(house, app);
  const before = await contents(house.db);
  const attempts = {
    garbage: "garbage",
    nothing: "",
    "an access token": access_token,
    "a refresh token": refresh_token,
    "an ID token": id_token,
    SQL: "' or '1'='1",
    "a NUL": "\0",
    "a long text": "x".repeat(20_000),
  };
  for (const [what, code] of Object.entries(attempts)) {
    const answer = await exchange(house, app, { code, code_verifier: verifier });
    expect(answer.status, what).toBe(400);
    expect(answer.body["error"], what).toMatch(/^invalid_(grant|request)$/);
  }
  expect(await contents(house.db)).toEqual(before);
  await expectWorks(house, access_token);
});
