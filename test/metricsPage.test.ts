import { expect, test } from "vitest";
import { logIn } from "./auth/startAuth.js";
import { databaseProxy } from "./ledger/databaseProxy.js";
import { startTestApp } from "./support/app.js";
import { testDatabaseUrl } from "./support/database.js";
import { testLog } from "./support/log.js";

const ask = (url: string, token: string) =>
  fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });

test("whoever has any token may read the metrics", async () => {
  const { url, clientId: client_id, clientSecret: client_secret } = await startTestApp();
  const form = { client_id, client_secret, scope: "payments:read" };
  const response = await ask(url, await logIn(`${url}/api/auth`, form));
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("florin_requests_under_way");
});

test("while nobody's token can be looked up, callers are told to try again", async () => {
  const log = testLog();
  const proxy = await databaseProxy(await testDatabaseUrl());
  const { url, token } = await startTestApp({ DATABASE_URL: proxy.url }, log.logger);
  const unseen = await token();
  proxy.cut();
  const response = await ask(url, unseen);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  const requestId = response.headers.get("x-request-id");
  expect(await response.json()).toMatchObject({
    errorCode: "INTERNAL",
    errorMessage: `the database cannot be reached, try again (request ${requestId})`,
  });
  const [line] = await log.lines("caller of the metrics could not be verified", 1);
  expect(line).toMatchObject({ requestId });
  proxy.recover();
  await expect.poll(async () => (await ask(url, unseen)).status).toBe(200);
});
