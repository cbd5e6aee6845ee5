import { expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { testDb } from "../support/database.js";
import { SECOND, testClock } from "./clock.js";
import { CLIENT, logIn, serve, startAuth } from "./startAuth.js";
import { addClient, addSecret, asBasic, asForm, ask, post } from "./tokenEndpoints.js";

/** Introspection and revocation, of a token of `CLIENT`. */
async function start() {
  const db = await testDb();
  const clock = testClock();
  const root = await serve(await startAuth(db, { clock: clock.now }));
  const urls = [`${root}/oauth/introspect`, `${root}/revoke`];
  return { db, clock, token: await logIn(root), urls };
}

const REFUSED = [
  401,
  { error: "invalid_client", error_description: "client authentication failed" },
];

test("each of a client's secrets proves who it is", async () => {
  const { db, urls } = await start();
  await addSecret(db, CLIENT.id, "another good secret");
  for (const url of urls) {
    for (const secret of [CLIENT.secret, "another good secret"]) {
      const login = { id: CLIENT.id, secret };
      expect((await post(url, { ...asForm(login), token: "x" })).status).toBe(200);
      expect((await post(url, { token: "x" }, asBasic(login))).status).toBe(200);
    }
  }
});

test("ids and secrets with special characters are read as a form would be", async () => {
  const { db, urls } = await start();
  const login = await addClient(db, "a:b+c %", { secret: "1+1 = 2 % äöü 💰" });
  const plus = btoa("a%3Ab%2Bc+%25:1%2B1+%3D+2+%25+%C3%A4%C3%B6%C3%BC+%F0%9F%92%B0");
  for (const url of urls) {
    expect((await post(url, { ...asForm(login), token: "x" })).status).toBe(200);
    expect((await post(url, { token: "x" }, asBasic(login))).status).toBe(200);
    const headers = { Authorization: `basic ${plus}` };
    expect((await post(url, { client_id: login.id, token: "x" }, headers)).status).toBe(200);
  }
});

test("who does not prove to be a client is refused, whatever is wrong, in one and the same way", async () => {
  const { db, urls, token } = await start();
  await addClient(db, "app", { isPublic: true });
  await addClient(db, "no secret");
  await db("client_secrets").where({ client_id: "no secret" }).delete();
  const refused: Record<string, Record<string, string>> = {
    "a wrong secret": { ...asForm(), client_secret: "wrong" },
    "another client's secret": { client_id: "bank", client_secret: CLIENT.secret },
    "an unknown client": { client_id: "nobody", client_secret: "x" },
    "a client without secrets": { client_id: "no secret", client_secret: "x" },
    "an id that no client can have": { client_id: "\0", client_secret: "x" },
    "no secret": { client_id: CLIENT.id },
    "an empty secret": { client_id: CLIENT.id, client_secret: "" },
    "an unknown client without secret": { client_id: "nobody" },
    "a public client with a secret": { client_id: "app", client_secret: "x" },
    "no client": { client_secret: CLIENT.secret },
    nobody: {},
  };
  for (const url of urls) {
    for (const [what, form] of Object.entries(refused)) {
      const response = await post(url, { ...form, token });
      expect([response.status, await response.json()], what).toEqual(REFUSED);
      expect(response.headers.get("WWW-Authenticate"), what).toBeNull();
    }
  }
  expect(await db("revoked_tokens")).toEqual([]);
});

test("who fails in a header is challenged there", async () => {
  const { clock, urls, token } = await start();
  const headers = {
    "a wrong secret": asBasic({ id: CLIENT.id, secret: "wrong" }).Authorization,
    "an unknown client": asBasic({ id: "nobody", secret: "x" }).Authorization,
    "no secret": `Basic ${btoa(CLIENT.id)}`,
    "an empty secret": `Basic ${btoa(`${CLIENT.id}:`)}`,
    "another scheme": `Bearer ${token}`,
    "no base64": "Basic !!!",
    "bad percent-encoding": `Basic ${btoa(`${CLIENT.id}:%zz`)}`,
    nothing: "Basic",
  };
  for (const url of urls) {
    for (const [what, Authorization] of Object.entries(headers)) {
      const response = await post(url, { token }, { Authorization });
      expect([response.status, await response.json()], what).toEqual(REFUSED);
      // Nobody is held back for so many failures.
      clock.offset += 60n * SECOND;
      expect(response.headers.get("WWW-Authenticate"), what).toBe(
        'Basic realm="clients", charset="UTF-8"',
      );
    }
  }
});

test("who says twice who it is, or says anything twice, is not listened to", async () => {
  const { urls, token } = await start();
  const { Authorization } = asBasic();
  const form = new URLSearchParams({ ...asForm(), token }).toString();
  for (const url of urls) {
    const refused = [
      await ask(url, { ...asForm(), token }, { Authorization }),
      await ask(url, { client_id: "bank", token }, { Authorization }),
      await ask(url, `${form}&client_id=${CLIENT.id}`),
      await ask(url, `${form}&token=${token}`),
      await ask(url, `${form}&token=`),
    ];
    for (const [status, { error }] of refused) {
      expect([status, error]).toEqual([400, "invalid_request"]);
    }
  }
});

test("parameters belong in a form in the body", async () => {
  const { urls, token } = await start();
  for (const url of urls) {
    const query = `${url}?${new URLSearchParams({ ...asForm(), token })}`;
    expect((await fetch(query)).status).toBe(405);
    expect((await post(query, {})).status).toBe(401);
    const json = JSON.stringify({ ...asForm(), token });
    const headers = { "Content-Type": "application/json" };
    expect((await fetch(url, { method: "POST", body: json, headers })).status).toBe(400);
  }
});

test("refusing an unknown client is as much work for the database as a wrong secret", async () => {
  const { db, urls } = await start();
  const statementsOf = async (form: Record<string, string>) => {
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }) => statements.push(sql);
    db.on("query", note);
    for (const url of urls) await post(url, form);
    db.off("query", note);
    return statements;
  };
  const wrong = await statementsOf({ ...asForm(), client_secret: "wrong" });
  expect(wrong).toHaveLength(2);
  expect(await statementsOf({ client_id: "nobody", client_secret: "wrong" })).toEqual(wrong);
});

test("a client that was deleted, or has lost its secret, is nobody", async () => {
  const kill: ((db: Db) => Promise<unknown>)[] = [
    (db) => db("client_secrets").delete(),
    (db) => db("clients").delete(),
  ];
  const { db, urls } = await start();
  for (const strike of kill) {
    await strike(db);
    for (const url of urls) expect(await ask(url, { ...asForm(), token: "x" })).toEqual(REFUSED);
  }
});
