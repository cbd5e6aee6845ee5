import { expect, test } from "vitest";
import type { Http, Session } from "../../src/payments/connectors/connector.js";
import { createHttpClient } from "../../src/payments/runtime/http.js";
import { keepSession } from "../../src/payments/runtime/session.js";
import { startReceiver } from "../support/receiver.js";

const never = new AbortController().signal;

/** A provider that lets in whoever has the last token that it gave. */
async function startDoor({ seconds = 3600, refusedLoginRestsMs = 10_000 } = {}) {
  let [logins, isOpen, token] = [0, true, "none"];
  const provider = await startReceiver((response) => {
    const { path, headers } = provider.deliveries.at(-1) ?? {};
    if (path === "/login" && isOpen) token = `t${++logins}`;
    const isLetIn = path === "/login" ? isOpen : headers?.authorization === token;
    response.writeHead(isLetIn ? 200 : 401).end(token);
  });
  async function logIn(http: Http): Promise<Session> {
    const { body } = await http.send({ path: "/login" });
    return { headers: { authorization: body }, seconds };
  }
  const open = createHttpClient({ baseUrl: provider.url, perSecond: 1000 });
  return {
    provider,
    client: keepSession(open, logIn, refusedLoginRestsMs).within,
    logins: () => provider.deliveries.filter(({ path }) => path === "/login").length,
    endSession: () => {
      token = "none";
    },
    shut: () => {
      isOpen = false;
      token = "none";
    },
  };
}

test("all who ask share one login", async () => {
  const { client, logins } = await startDoor();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => client(never).send({ path: "/a" })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(logins()).toBe(1);
});

test("a session that is about to end is not used any more", async () => {
  const { client, logins } = await startDoor({ seconds: 5 });
  await client(never).send({ path: "/a" });
  await client(never).send({ path: "/a" });
  expect(logins()).toBe(2);
});

test("a session that is refused is followed by another one", async () => {
  const { client, logins, endSession } = await startDoor();
  await client(never).send({ path: "/a" });
  endSession();
  expect((await client(never).send({ path: "/a" })).body).toBe("t2");
  expect(logins()).toBe(2);
});

test("who is not let in is told so, and the door is not tried again at once", async () => {
  const { client, logins, shut } = await startDoor();
  shut();
  for (let attempt = 0; attempt < 5; attempt++) {
    await expect(client(never).send({ path: "/a" })).rejects.toThrow("GET /login: answered 401");
  }
  expect(logins()).toBe(1);
});

test("a door that may be tried again at once is", async () => {
  const { client, logins, shut } = await startDoor({ refusedLoginRestsMs: 0 });
  shut();
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(client(never).send({ path: "/a" })).rejects.toThrow("GET /login: answered 401");
  expect(logins()).toBe(3);
});

test("who is refused in a new session too is told so, and has no third one so soon", async () => {
  const { client, logins } = await startDoor();
  const request = { path: "/a", headers: { authorization: "of another" } };
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(client(never).send(request)).rejects.toThrow("GET /a: answered 401");
  expect(logins()).toBe(2);
  expect((await client(never).send({ path: "/a" })).status).toBe(200);
});

test("a run that is broken off while it logs in takes no other run with it", async () => {
  const abort = new AbortController();
  let attempts = 0;
  const provider = await startReceiver((response) => response.end("{}"));
  const open = createHttpClient({ baseUrl: provider.url });
  const client = keepSession(open, async (http) => {
    attempts++;
    if (attempts === 1) setImmediate(() => abort.abort(new Error("stop")));
    else return { headers: {} };
    await http.send({ path: "/login" });
    return new Promise<never>((_, reject) =>
      abort.signal.addEventListener("abort", () => reject(abort.signal.reason)),
    );
  });
  const broken = client.within(abort.signal).send({ path: "/a" });
  const other = client.within(never).send({ path: "/a" });
  await expect(broken).rejects.toThrow("stop");
  expect((await other).status).toBe(200);
  expect(attempts).toBe(2);
});
