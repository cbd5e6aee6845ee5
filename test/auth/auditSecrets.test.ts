import { expect, test } from "vitest";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { databaseProxy } from "../ledger/databaseProxy.js";
import { startTestApp } from "../support/app.js";
import { testDatabaseUrl } from "../support/database.js";
import { type TestLog, testLog } from "../support/log.js";
import { callRpc, rpcWires } from "../support/rpcs.js";
import { APP, startStory } from "./loginStory.js";

/** As it is, and as it travels in forms, in URLs and in Basic headers. */
const spellingsOf = (secret: string) => [secret, encodeURIComponent(secret)];

function expectNone(log: TestLog, secrets: Readonly<Record<string, string | undefined>>): void {
  const text = log.text();
  for (const [what, secret] of Object.entries(secrets)) {
    if (!secret) throw new Error(`there is no ${what}`);
    for (const spelling of spellingsOf(secret)) expect(text, what).not.toContain(spelling);
  }
}

test("no secret and no token of a machine gets into the log, however much it tells", async () => {
  const log = testLog();
  const proxy = await databaseProxy(await testDatabaseUrl());
  const { url, token, clientSecret } = await startTestApp({ DATABASE_URL: proxy.url }, log.logger);
  const root = `${url}/api/auth`;
  const boss = await token();
  const manage = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${boss}` };
    const response = await fetch(root + path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return (await response.json()) as { data: Record<string, string> };
  };
  const { id = "" } = (await manage("/clients", { name: "till" })).data;
  const { clear: secret = "" } = (await manage(`/clients/${id}/secrets`, { name: "first" })).data;

  const basic = Buffer.from(`${id}:${secret}`).toString("base64");
  const authorization = `Basic ${basic}`;
  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(root + path, { method: "POST", headers, body: new URLSearchParams(form) });
  const machine = { grant_type: "client_credentials" };
  const inForm = { client_id: id, client_secret: secret };
  const granted = await post("/oauth/token", machine, { authorization });
  const { access_token = "" } = (await granted.json()) as Record<string, string>;
  const wrong = "a wrong guess, almost right";

  for (const path of ["/oauth/token", "/oauth/introspect", "/revoke"]) {
    await post(path, { ...machine, ...inForm, token: access_token });
    await post(path, { ...machine, token: access_token }, { authorization });
    await post(path, { ...machine, ...inForm, client_secret: wrong, token: access_token });
    await post(`${path}?${new URLSearchParams(inForm)}`, { ...inForm, token: access_token });
    await post(path, { ...inForm, padding: "x".repeat(60_000) });
    await post(path, {}, { authorization: `Bearer ${access_token}` });
    await fetch(root + path, { method: "POST", body: JSON.stringify(inForm) });
  }
  await fetch(`${url}/api/ledger/main/stats?access_token=${access_token}`);
  await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${access_token}` } });
  for (const wire of Object.values(rpcWires(url))) {
    const request = { clientId: id, secret: { name: "second" } };
    await callRpc(wire, AuthService.method.createSecret, { request, token: access_token });
  }
  proxy.cut();
  for (const path of ["/oauth/token", "/oauth/introspect", "/revoke"]) {
    expect((await post(path, { ...machine, ...inForm, token: boss })).status).toBe(503);
  }
  await manage("/clients", { name: "never made" });
  expectNone(log, { clientSecret, boss, secret, basic, access_token, wrong });
  expect(log.text()).toContain('"msg":"request"');
});

test("no code, token or cookie of a person gets into the log, however much it tells", async () => {
  const { log, root, upstream, newBrowser, ask, submit, exchange, follow } = await startStory();
  const browser = newBrowser();
  const form = await ask(browser);
  const back = await submit(browser, form);
  const code = back.url.searchParams.get("code") ?? "";
  const { access_token, id_token, refresh_token = "" } = await exchange(back.url);
  await expect(exchange(back.url)).rejects.toThrow("invalid_grant");
  const refresh = { grant_type: "refresh_token", client_id: APP.id, refresh_token };
  await fetch(`${root}/oauth/token`, { method: "POST", body: new URLSearchParams(refresh) });
  await fetch(`${root}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } });
  const issuer = root.replace(/.*(?=\/api)/, "https://pay.example.com/florin");
  const cookies = browser.cookiesFor(`${issuer}/authorize`);
  await follow(
    browser,
    `${issuer}/end_session?${new URLSearchParams({ id_token_hint: id_token })}`,
  );
  await log.lines("audit", 3);
  expectNone(log, {
    ...{ code, access_token, id_token, refresh_token },
    "session cookie": /_session=([^;]+)/.exec(cookies)?.[1],
    "upstream secret": upstream.clientSecret,
    "upstream state": upstream.asked[0]?.get("state") ?? "",
    "upstream nonce": upstream.asked[0]?.get("nonce") ?? "",
  });
});
