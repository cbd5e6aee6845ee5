import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { startForge } from "./forge.js";
import { machineToken, makeClient, manage } from "./manage.js";
import { post, versions } from "./send.js";
import { expectInvalidToken, useWith, writeWith } from "./useToken.js";

vi.setConfig({ testTimeout: 60_000 });

/** That `token` works on every wire now, so that a later refusal is of `token` alone. */
async function expectWorks(url: string, token: string) {
  for (const [way, end] of Object.entries(await writeWith(url, token))) {
    expect(end, way).toBe("ok");
  }
}

const GONE = /^the client victim no longer exists$/;

test("the tokens of a deleted client are refused at once on every wire, and do nothing", async () => {
  const server = await startForge();
  const token = await machineToken(server, await makeClient(server, { id: "victim" }));
  await expectWorks(server.url, token);
  await manage(server, "DELETE /clients/victim");
  const before = await contents(server.db);
  expectInvalidToken(await useWith(server.url, token), GONE, "deleted");
  expect(await contents(server.db)).toEqual(before);
});

test("the tokens of a deleted client do not belong to who takes its id the moment after", async () => {
  const server = await startForge();
  const token = await machineToken(server, await makeClient(server, { id: "victim" }));
  await expectWorks(server.url, token);
  await manage(server, "DELETE /clients/victim");
  const heir = await makeClient(server, { id: "victim" });
  const before = await contents(server.db);
  expectInvalidToken(await useWith(server.url, token), GONE, "made anew");
  expect(await contents(server.db)).toEqual(before);
  await expectWorks(server.url, await machineToken(server, heir));
});

test("a revoked token is refused at once on every wire, and its neighbours live", async () => {
  const server = await startForge();
  const { url, port, db } = server;
  const client = await makeClient(server, { id: "victim" });
  for (const send of Object.values(versions)) {
    const [token, neighbour] = [
      await machineToken(server, client),
      await machineToken(server, client),
    ];
    await expectWorks(url, token);
    const form = { client_id: client.id, client_secret: client.secret, token };
    expect((await send(port, post("/revoke", form))).status).toBe(200);
    const before = await contents(db);
    expectInvalidToken(await useWith(url, token), /revoked/, "revoked");
    expect(await contents(db)).toEqual(before);
    await expectWorks(url, neighbour);
  }
});

test("nobody revokes, or learns about, a token of another client", async () => {
  const server = await startForge();
  const { url, port, db } = server;
  const victim = await makeClient(server, { id: "victim" });
  const thief = await makeClient(server, { id: "thief" });
  const token = await machineToken(server, victim);
  const credentials = { client_id: thief.id, client_secret: thief.secret };
  const before = await contents(db);
  for (const send of Object.values(versions)) {
    await send(port, post("/revoke", { ...credentials, token }));
    const seen = await send(port, post("/oauth/introspect", { ...credentials, token }));
    expect(JSON.parse(seen.body)).toEqual({ active: false });
  }
  expect(await contents(db)).toEqual(before);
  await expectWorks(url, token);
});
