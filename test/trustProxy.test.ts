import { expect, test } from "vitest";
import { startTestApp } from "./support/app.js";
import { testLog } from "./support/log.js";

/** The addresses that the log shows for requests with these X-Forwarded-For headers. */
async function addressesOf(variables: NodeJS.ProcessEnv, headers: readonly string[]) {
  const log = testLog();
  const { url } = await startTestApp(variables, log.logger);
  for (const header of headers) {
    await fetch(`${url}/versions`, { headers: { "x-forwarded-for": header } });
  }
  return (await log.lines("request", headers.length)).map(({ address }) => address);
}

const FORGED = "6.6.6.6, 203.0.113.7";

test("the log shows the socket's address, whatever a caller writes", async () => {
  expect(await addressesOf({}, [FORGED])).toEqual(["127.0.0.1"]);
});

test("behind a proxy it shows whom the proxy was called by", async () => {
  expect(
    await addressesOf({ TRUST_PROXY: "1" }, [FORGED, "[2001:db8::7]:4711", "unknown"]),
  ).toEqual(["203.0.113.7", "2001:db8::7", "127.0.0.1"]);
});

test("two proxies are believed as far as they go", async () => {
  expect(await addressesOf({ TRUST_PROXY: "2" }, [`${FORGED}, 10.0.0.1`, "203.0.113.7"])).toEqual([
    "203.0.113.7",
    "127.0.0.1",
  ]);
});

test("each of many callers behind one proxy has brakes of its own", async () => {
  const { url, clientId } = await startTestApp({ TRUST_PROXY: "1" });
  const guess = (address: string) =>
    fetch(`${url}/api/auth/oauth/token`, {
      method: "POST",
      headers: { "x-forwarded-for": address },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: "a guess",
      }),
    });
  for (let time = 0; time < 10; time++) await guess("203.0.113.7");
  expect((await guess("203.0.113.7")).status).toBe(429);
  expect((await guess("203.0.113.8")).status).toBe(401);
});
