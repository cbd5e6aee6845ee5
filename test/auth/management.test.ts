import { expect, test } from "vitest";
import { startManagement } from "./management.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const OPTIONS = {
  name: "Shop",
  description: "Sells things.",
  public: false,
  trusted: true,
  redirectUris: ["https://shop.example/back", "http://localhost:8080/back?x=1"],
  postLogoutRedirectUris: ["https://shop.example"],
  metadata: { team: "a", size: 12.5, tags: ["x", null, { deep: true }] },
};

test("a client is made as asked for, and shown so by every reading", async () => {
  const { send } = await startManagement();
  const created = await send("POST /clients", OPTIONS);
  const { id } = created.body.data;
  expect(id).toMatch(UUID);
  expect(created.status).toBe(201);
  expect(created.headers.get("location")).toBe(`./${id}`);
  const expected = { ...OPTIONS, id, scopes: [], secrets: [] };
  expect(created.body).toEqual({ data: expected });
  expect((await send(`GET /clients/${id}`)).body).toEqual({ data: expected });
  const { data } = (await send("GET /clients")).body;
  expect(data.map((client: { id: string }) => client.id)).toEqual(["first", id]);
  expect(data[1]).toEqual(expected);
});

test("what is left out of a client is empty, never null", async () => {
  const { send } = await startManagement();
  const { body } = await send("POST /clients", {
    name: "bare",
    redirectUris: null,
    metadata: null,
    scopes: ["ignored"],
    unknown: 1,
  });
  expect(body.data).toEqual({
    id: expect.stringMatching(UUID),
    name: "bare",
    description: "",
    public: false,
    trusted: false,
    redirectUris: [],
    postLogoutRedirectUris: [],
    metadata: {},
    scopes: [],
    secrets: [],
  });
});

test("an update replaces all that was decided, but not id, secrets and scopes", async () => {
  const { send, makeClient, scopeId } = await startManagement();
  const { id } = await makeClient(OPTIONS);
  const scope = await scopeId("ledger:read");
  await send(`PUT /clients/${id}/scopes/${scope}`);
  const before = (await send(`GET /clients/${id}`)).body.data;
  const updated = await send(`PUT /clients/${id}`, { name: "renamed", id: "another" });
  const expected = {
    id,
    name: "renamed",
    description: "",
    public: false,
    trusted: false,
    redirectUris: [],
    postLogoutRedirectUris: [],
    metadata: {},
    scopes: [scope],
    secrets: before.secrets,
  };
  expect(updated.body).toEqual({ data: expected });
  expect(before.secrets).toHaveLength(1);
  expect((await send(`GET /clients/${id}`)).body.data).toEqual(expected);
});

test.each(["a", "mobile app's".replace(" ", "+"), "tenant/7?x=%2e#y", "a:b", "%", "~!$&'()*,;=@"])(
  "the id %s is kept, and can be addressed",
  async (id) => {
    const { send, makeClient, logIn } = await startManagement();
    const created = await send("POST /clients", { id, name: "chosen" });
    const path = `/clients/${encodeURIComponent(id)}`;
    expect(created.body.data).toMatchObject({ id });
    expect(created.headers.get("location")).toBe(`./${encodeURIComponent(id)}`);
    expect((await send(`GET ${path}`)).body.data).toMatchObject({ id });
    const secret = (await send(`POST ${path}/secrets`, { name: "s" })).body.data.clear;
    await logIn({ id, secret });
    expect(await makeClient()).not.toMatchObject({ id });
    expect((await send(`DELETE ${path}`)).status).toBe(204);
    expect((await send(`GET ${path}`)).status).toBe(404);
  },
);

test("a secret is replaced without a moment in which none works", async () => {
  const { app, send, makeClient, logIn } = await startManagement();
  const { id, secret } = await makeClient();
  const made = await send(`POST /clients/${id}/secrets`, { name: "next", metadata: { due: 2030 } });
  expect(made.status).toBe(200);
  const { clear, ...label } = made.body.data;
  expect(label).toEqual({
    id: expect.stringMatching(UUID),
    name: "next",
    lastDigits: clear.slice(-4),
    metadata: { due: 2030 },
  });
  await logIn({ id, secret });
  await logIn({ id, secret: clear });

  const shown = await send(`GET /clients/${id}`);
  const [former] = shown.body.data.secrets;
  expect(shown.body.data.secrets).toEqual([
    { id: former.id, name: "some secret", lastDigits: secret.slice(-4), metadata: {} },
    label,
  ]);
  expect(shown.text).not.toContain(clear);
  const hashes = await app.db("client_secrets").pluck<Buffer[]>("hash");
  for (const hash of hashes) {
    for (const spelling of ["hex", "base64", "base64url"] as const)
      expect(shown.text).not.toContain(hash.toString(spelling));
  }

  const gone = `DELETE /clients/${id}/secrets/${former.id}`;
  expect((await send(gone)).status).toBe(204);
  await expect(logIn({ id, secret })).rejects.toThrow("401");
  await logIn({ id, secret: clear });
  expect((await send(gone)).body).toMatchObject({ errorCode: "NOT_FOUND" });
});

test("a secret of one client is not another's to delete", async () => {
  const { send, makeClient, logIn } = await startManagement();
  const [one, other] = [await makeClient(), await makeClient()];
  const [secret] = (await send(`GET /clients/${one.id}`)).body.data.secrets;
  expect((await send(`DELETE /clients/${other.id}/secrets/${secret.id}`)).status).toBe(404);
  await logIn(one);
});

test("a client has a hundred secrets at most", async () => {
  const { app, send, makeClient } = await startManagement();
  const { id } = await makeClient();
  const row = { client_id: id, name: "", hash: Buffer.alloc(32), last_digits: "" };
  const rows = Array.from({ length: 98 }, (_, index) => ({ ...row, id: String(index) }));
  await app.db("client_secrets").insert(rows);
  expect((await send(`POST /clients/${id}/secrets`, { name: "100th" })).status).toBe(200);
  const { status, body } = await send(`POST /clients/${id}/secrets`, { name: "101st" });
  expect([status, body.errorMessage]).toEqual([
    400,
    "a client can have at most 100 secrets: delete one first",
  ]);
});

test("a public client has no use for secrets: none is made, and those it had do not log in", async () => {
  const { send, makeClient, logIn } = await startManagement();
  const credentials = await makeClient();
  const path = `/clients/${credentials.id}`;
  await send(`PUT ${path}`, { name: "app", public: true });
  const { status, body } = await send(`POST ${path}/secrets`, { name: "more" });
  expect([status, body.errorMessage]).toEqual([400, "a public client cannot have a secret"]);
  await expect(logIn(credentials)).rejects.toThrow(/^40[01] /);
  await send(`PUT ${path}`, { name: "app", public: false });
  await logIn(credentials);
});

test("a new server has a scope for each service, to read and to write", async () => {
  const { send } = await startManagement();
  const { data } = (await send("GET /scopes")).body;
  expect(data.map(({ label }: { label: string }) => label)).toEqual([
    "auth:read",
    "auth:write",
    "ledger:read",
    "ledger:write",
    "payments:read",
    "payments:write",
  ]);
});

test("a scope is made, changed and shown with what comes with it", async () => {
  const { send, scopeId } = await startManagement();
  const created = await send("POST /scopes", { label: "shop:sell", metadata: { a: [1, null] } });
  const { id } = created.body.data;
  expect(created.status).toBe(201);
  expect(created.headers.get("location")).toBe(`./${id}`);
  expect(created.body).toEqual({
    data: { id, label: "shop:sell", metadata: { a: [1, null] }, transient: [] },
  });
  const transient = await scopeId("ledger:write");
  await send(`PUT /scopes/${id}/transient/${transient}`);
  const updated = await send(`PUT /scopes/${id}`, { label: "shop:trade" });
  const expected = { id, label: "shop:trade", metadata: {}, transient: [transient] };
  expect(updated.body).toEqual({ data: expected });
  expect((await send(`GET /scopes/${id}`)).body).toEqual({ data: expected });
  expect((await send("GET /scopes")).body.data.at(-1)).toEqual(expected);
});

test("a scope may keep its label in an update, and take none that is another's", async () => {
  const { send, makeScope } = await startManagement();
  const id = await makeScope("a");
  await makeScope("b");
  expect((await send(`PUT /scopes/${id}`, { label: "a" })).status).toBe(200);
  const taken = await send(`PUT /scopes/${id}`, { label: "b" });
  expect([taken.status, taken.body.errorCode]).toEqual([409, "CONFLICT"]);
  expect((await send(`GET /scopes/${id}`)).body.data.label).toBe("a");
});

test("the only scope of a client stays: without it the client could do everything", async () => {
  const { send, makeClient, makeScope } = await startManagement();
  const [scope, other] = [await makeScope("shop:sell"), await makeScope("shop:buy")];
  const { id } = await makeClient({ id: "till" });
  await send(`PUT /clients/${id}/scopes/${scope}`);
  const { status, body } = await send(`DELETE /scopes/${scope}`);
  expect([status, body.errorCode]).toEqual([409, "CONFLICT"]);
  expect(body.errorMessage).toContain("the only scope of the client till");
  expect((await send(`GET /clients/${id}`)).body.data.scopes).toEqual([scope]);

  await send(`PUT /clients/${id}/scopes/${other}`);
  expect((await send(`DELETE /scopes/${scope}`)).status).toBe(204);
  expect((await send(`GET /clients/${id}`)).body.data.scopes).toEqual([other]);
  expect((await send(`DELETE /clients/${id}/scopes/${other}`)).status).toBe(204);
  expect((await send(`DELETE /scopes/${other}`)).status).toBe(204);
});

test("a deleted scope no longer comes with others", async () => {
  const { send, makeScope } = await startManagement();
  const [scope, transient] = [await makeScope("a"), await makeScope("b")];
  await send(`PUT /scopes/${scope}/transient/${transient}`);
  expect((await send(`DELETE /scopes/${transient}`)).status).toBe(204);
  expect((await send(`GET /scopes/${scope}`)).body.data.transient).toEqual([]);
});
