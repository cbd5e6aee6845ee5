import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { type Forge, startForge } from "./forge.js";
import { type MadeClient, makeClient } from "./manage.js";
import { type Answer, post, told, versions } from "./send.js";

vi.setConfig({ testTimeout: 60_000 });

const ENDPOINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/oauth/token": { grant_type: "client_credentials" },
  "/oauth/introspect": { token: "x" },
  "/revoke": { token: "x" },
};

/** Shows a secret of a client at an endpoint, by a version of HTTP, from an address. */
function show(
  { port }: Forge,
  { id, secret }: MadeClient,
  {
    endpoint = "/oauth/token",
    from = "192.0.2.1",
    version = "HTTP/1.1" as keyof typeof versions,
  } = {},
): Promise<Answer> {
  const form = { ...ENDPOINTS[endpoint], client_id: id, client_secret: secret };
  return versions[version](port, post(endpoint, form, { "x-forwarded-for": from }));
}

const HELD = "429 temporarily_unavailable";

test("whoever guesses a secret ten times is held back, and a right guess is not noticed", async () => {
  const server = await startForge({ TRUST_PROXY: "1" });
  const client = await makeClient(server, { id: "shop" });
  const bystander = await makeClient(server, { id: "bystander" });
  const before = await contents(server.db);
  const endpoints = Object.keys(ENDPOINTS);
  for (let guess = 0; guess < 10; guess++) {
    const version = guess % 2 === 0 ? "HTTP/1.1" : "HTTP/2";
    const endpoint = endpoints[guess % endpoints.length] ?? "";
    const answer = await show(
      server,
      { ...client, secret: `guess ${guess}` },
      { endpoint, version },
    );
    expect(told(answer)).toBe("401 invalid_client");
  }
  for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
    for (const endpoint of endpoints) {
      const wrong = await show(server, { ...client, secret: "wrong" }, { endpoint, version });
      const right = await show(server, client, { endpoint, version });
      for (const answer of [wrong, right]) {
        expect(told(answer), `${endpoint}, over ${version}`).toBe(HELD);
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
        expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(60);
      }
      expect(wrong.body).toBe(right.body);
    }
  }
  expect(await contents(server.db)).toEqual(before);
  // Its owner elsewhere, and another client behind the same address, go on.
  expect(told(await show(server, client, { from: "192.0.2.2" }))).toBe("200");
  expect(told(await show(server, bystander))).toBe("200");
});

test("an address that the guesser makes up does not help", async () => {
  const proxied = await startForge({ TRUST_PROXY: "1" });
  const direct = await startForge();
  for (const server of [proxied, direct]) {
    const client = await makeClient(server, { id: "shop" });
    const ends: string[] = [];
    for (let guess = 0; guess < 12; guess++) {
      // What the proxy appended comes last; without a proxy the header is worth nothing at all.
      const from = `198.51.100.${guess}${server === proxied ? ", 192.0.2.1" : ""}`;
      ends.push(told(await show(server, { ...client, secret: "wrong" }, { from })));
    }
    expect(ends).toEqual([...Array(10).fill("401 invalid_client"), HELD, HELD]);
  }
});

test("many guesses at once are no more guesses", async () => {
  const server = await startForge();
  const client = await makeClient(server, { id: "shop" });
  const race = Array.from({ length: 60 }, () => show(server, { ...client, secret: "wrong" }));
  const ends = (await Promise.all(race)).map(told);
  const looked = ends.filter((end) => end === "401 invalid_client").length;
  expect(looked).toBeGreaterThanOrEqual(10);
  expect(looked).toBeLessThan(20);
  expect(ends.filter((end) => end === HELD)).toHaveLength(60 - looked);
});

test("whoever tries one secret on many clients is held back, and who is known there is not", async () => {
  const server = await startForge();
  const client = await makeClient(server, { id: "shop" });
  expect(told(await show(server, client))).toBe("200");
  const ends: string[] = [];
  for (let guess = 0; guess < 101; guess++) {
    ends.push(told(await show(server, { id: `guess-${guess}`, secret: "password" })));
  }
  expect(ends).toEqual([...Array(100).fill("401 invalid_client"), HELD]);
  expect(told(await show(server, client))).toBe("200");
});
