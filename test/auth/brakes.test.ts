import { expect, test, vi } from "vitest";
import { systemClock } from "../../src/lib/time.js";
import { testDb } from "../support/database.js";
import { testLog } from "../support/log.js";
import { SECOND } from "./clock.js";
import { CLIENT, serve, startAuth } from "./startAuth.js";

vi.setConfig({ testTimeout: 60_000 });

/** The endpoints that authenticate clients, and what is asked for there. */
const ENDPOINTS: Readonly<Record<string, Record<string, string>>> = {
  "/oauth/token": { grant_type: "client_credentials" },
  "/oauth/introspect": { token: "x" },
  "/revoke": { token: "x" },
};

/** A server whose time stands still, but for `clock.offset`. */
async function start() {
  const log = testLog();
  const startedAt = systemClock();
  const clock = { offset: 0n };
  const now = () => startedAt + clock.offset;
  const auth = await startAuth(await testDb(), { clock: now, logger: log.logger });
  const root = await serve(auth);
  const post = (path: string, form: Record<string, string>) =>
    fetch(root + path, {
      method: "POST",
      body: new URLSearchParams({ ...ENDPOINTS[path], ...form }),
    });
  const tryWith = (secret: string, path = "/oauth/token", id = CLIENT.id) =>
    post(path, { client_id: id, client_secret: secret });
  /** The statuses of so many wrong guesses, one after the other. */
  const guess = async (times: number, path?: string, id?: string) => {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      const response = await tryWith(`guess ${time}`, path, id);
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    return statuses;
  };
  return { log, clock, root, post, tryWith, guess };
}

const times = (count: number, status: number) => Array<number>(count).fill(status);

test.each(Object.keys(ENDPOINTS))(
  "%s: after ten wrong secrets the right one is refused too, until the minute is over",
  async (path) => {
    const { clock, tryWith, guess } = await start();
    expect(await guess(12, path)).toEqual([...times(10, 401), 429, 429]);
    const refused = await tryWith(CLIENT.secret, path);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(await refused.json()).toEqual({
      error: "temporarily_unavailable",
      error_description: "too many attempts: try again in 60 seconds",
    });
    clock.offset = 60n * SECOND;
    expect((await tryWith(CLIENT.secret, path)).status).toBe(200);
  },
);

test("guesses at three endpoints are counted together", async () => {
  const { guess } = await start();
  for (const path of Object.keys(ENDPOINTS)) await guess(4, path);
  expect(await guess(1)).toEqual([429]);
});

test("guesses made at once do not overtake the count", async () => {
  const { tryWith } = await start();
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, guess) => tryWith(`guess ${guess}`)),
  );
  const statuses = all.map(({ status }) => status).sort();
  expect(statuses).toEqual([...times(10, 401), ...times(30, 429)]);
});

test("guesses made at once with many ids do not overtake the count of their address", async () => {
  const { tryWith } = await start();
  const all = await Promise.all(
    Array.from({ length: 150 }, (_, id) => tryWith("guess", "/oauth/token", `guess-${id}`)),
  );
  const statuses = all.map(({ status }) => status).sort();
  expect(statuses).toEqual([...times(100, 401), ...times(50, 429)]);
});

test("many good logins at once are all served", async () => {
  const { tryWith } = await start();
  const all = await Promise.all(Array.from({ length: 40 }, () => tryWith(CLIENT.secret)));
  expect(all.map(({ status }) => status)).toEqual(times(40, 200));
});

test.each([
  ["a form that begins with a question mark", "?client_id=nobody&", {}],
  ["an empty Authorization header", "", { authorization: "" }],
])("%s does not let a client that is held back log in", async (_what, prefix, headers) => {
  const { root, guess } = await start();
  await guess(10);
  const form = { ...ENDPOINTS["/oauth/token"], client_id: CLIENT.id, client_secret: CLIENT.secret };
  const response = await fetch(`${root}/oauth/token`, {
    method: "POST",
    body: prefix + new URLSearchParams(form),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });
  expect([400, 429]).toContain(response.status);
});

test("a client that exists and one that does not are held back alike", async () => {
  const { guess } = await start();
  expect(await guess(11, "/oauth/token", "nobody")).toEqual(await guess(11));
});

test("who tries many ids is held back; a client that proved itself is not", async () => {
  const { tryWith, guess } = await start();
  expect((await tryWith(CLIENT.secret)).status).toBe(200);
  for (let id = 0; id < 100; id++) await guess(1, "/oauth/token", `guess-${id}`);
  expect(await guess(1, "/oauth/token", "guess-100")).toEqual([429]);
  expect((await tryWith(CLIENT.secret)).status).toBe(200);
});

test("no client has more than 300 tokens in ten seconds", async () => {
  const { clock, tryWith } = await start();
  const all = await Promise.all(Array.from({ length: 301 }, () => tryWith(CLIENT.secret)));
  const statuses = all.map(({ status }) => status).sort();
  expect(statuses).toEqual([...times(300, 200), 429]);
  clock.offset = 10n * SECOND;
  expect((await tryWith(CLIENT.secret)).status).toBe(200);
});

test("being held back is one line in the audit log, not one for each try", async () => {
  const { log, guess } = await start();
  await guess(15);
  const lines = await log.lines("audit", 11);
  expect(lines.map(({ outcome }) => outcome)).toEqual([
    ...Array<string>(10).fill("invalid_client"),
    "held_back",
  ]);
});

test("a body that is too long is refused with an answer", async () => {
  const { post } = await start();
  for (const path of Object.keys(ENDPOINTS)) {
    const response = await post(path, { client_secret: "x".repeat(60_000) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: "invalid_request" });
  }
});

test("a network that takes more steps of logins than people do has to wait for a minute", async () => {
  const startedAt = systemClock();
  const clock = { offset: 0n };
  const auth = await startAuth(await testDb(), {
    clock: () => startedAt + clock.offset,
    upstream: { issuer: "https://id.example.com", clientId: "florin", clientSecret: "secret" },
  });
  const root = await serve(auth);
  const step = async () => {
    const response = await fetch(`${root}/authorize?client_id=nobody`);
    await response.arrayBuffer();
    return [response.status, response.headers.get("retry-after")];
  };
  for (let steps = 0; steps < 600; steps++) expect(await step()).toEqual([400, null]);
  expect(await step()).toEqual([429, "60"]);
  clock.offset = 60n * SECOND;
  expect(await step()).toEqual([400, null]);
});
