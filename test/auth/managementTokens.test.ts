import { expect, test } from "vitest";
import { type Management, startManagement } from "./management.js";

/** What a token is good for right now: statuses of reading a ledger and of reading the clients. */
async function rightsOf({ app, send }: Management, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const ledger = await fetch(`${app.url}/api/ledger/_info`, { headers });
  const auth = await send("GET /clients", undefined, token);
  return { ledger: ledger.status, auth: auth.status };
}

const EVERYTHING = { ledger: 200, auth: 200 };
const LEDGER = { ledger: 200, auth: 403 };
const NOTHING = { ledger: 403, auth: 403 };
const DEAD = { ledger: 401, auth: 401 };

/** A server, a client of it, and a token that was used a moment ago. */
async function withClient(...labels: string[]) {
  const server = await startManagement();
  const credentials = await server.makeClient({ id: "shop" });
  const attach = async (label: string) =>
    server.send(`PUT /clients/shop/scopes/${await server.scopeId(label)}`);
  for (const label of labels) await attach(label);
  const token = await server.logIn(credentials);
  return { ...server, credentials, attach, rights: () => rightsOf(server, token) };
}

test("the tokens of a deleted client are refused at once", async () => {
  const { send, rights } = await withClient();
  expect(await rights()).toEqual(EVERYTHING);
  await send("DELETE /clients/shop");
  expect(await rights()).toEqual(DEAD);
});

test("a client made anew under an old id has none of the old one's tokens and secrets", async () => {
  const { send, rights, logIn, credentials } = await withClient();
  expect(await rights()).toEqual(EVERYTHING);
  await send("DELETE /clients/shop");
  await send("POST /clients", { id: "shop", name: "another" });
  expect(await rights()).toEqual(DEAD);
  await expect(logIn(credentials)).rejects.toThrow("401");
});

test("a client that becomes public loses its tokens at once", async () => {
  const { send, rights } = await withClient();
  expect(await rights()).toEqual(EVERYTHING);
  await send("PUT /clients/shop", { name: "app", public: true });
  expect(await rights()).toEqual(DEAD);
});

test("a scope holds a client's tokens as soon as it is attached, and no longer than that", async () => {
  const { send, rights, attach, scopeId } = await withClient();
  expect(await rights()).toEqual(EVERYTHING);
  await attach("ledger:write");
  expect(await rights()).toEqual(LEDGER);
  await send(`DELETE /clients/shop/scopes/${await scopeId("ledger:write")}`);
  expect(await rights()).toEqual(EVERYTHING);
});

test("a scope that is deleted or renamed counts no longer, at once", async () => {
  const { send, rights, scopeId, attach } = await withClient("ledger:read", "auth:read");
  expect(await rights()).toEqual(EVERYTHING);
  await send(`DELETE /scopes/${await scopeId("auth:read")}`);
  expect(await rights()).toEqual(LEDGER);
  await send(`PUT /scopes/${await scopeId("ledger:read")}`, { label: "something:else" });
  expect(await rights()).toEqual(NOTHING);
  await attach("ledger:write");
  expect(await rights()).toEqual(LEDGER);
});

test("what comes with a scope counts for its holders, through others too, until it is undone", async () => {
  const server = await withClient("payments:read");
  const { send, makeScope, scopeId, attach, logIn, credentials } = server;
  const [teller, clerk] = [await makeScope("teller"), await makeScope("clerk")];
  const ledgerRead = await scopeId("ledger:read");
  await attach("teller");
  await send(`PUT /scopes/${teller}/transient/${clerk}`);
  await send(`PUT /scopes/${clerk}/transient/${teller}`);
  expect(await rightsOf(server, await logIn(credentials))).toEqual(NOTHING);
  await send(`PUT /scopes/${clerk}/transient/${ledgerRead}`);
  const token = await logIn(credentials);
  expect(await rightsOf(server, token)).toEqual(LEDGER);
  await send(`DELETE /scopes/${clerk}/transient/${ledgerRead}`);
  expect(await rightsOf(server, token)).toEqual(NOTHING);
});
