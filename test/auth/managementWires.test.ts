import type { DescMethod } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { contents } from "../support/contents.js";
import { callRpc, rpcWires } from "../support/rpcs.js";
import { startManagement } from "./management.js";

vi.setConfig({ testTimeout: 60_000 });

const { method } = AuthService;

/** What is refused, and how: the RPC's code, REST's code and the message. */
const REFUSED: readonly (readonly [DescMethod, Record<string, unknown>, string])[] = [
  [
    method.createClient,
    { client: { name: "a", id: "two words" } },
    "invalid_argument VALIDATION: id must have 1 to 255 printable ASCII characters, no spaces, and more than dots",
  ],
  [
    method.createClient,
    { client: { name: "a", redirectUris: ["https://a.example", "https://a.example/../b"] } },
    "invalid_argument VALIDATION: redirectUris[1] must be spelled https://a.example/b",
  ],
  [
    method.createClient,
    { client: { name: "a", metadata: { size: Number.NaN } } },
    "invalid_argument VALIDATION: metadata must be nested at most 30 deep, and hold finite numbers",
  ],
  [
    method.updateClient,
    { clientId: "first", client: { name: "a\0" } },
    "invalid_argument VALIDATION: client.name must not contain U+0000",
  ],
  [
    method.createClient,
    { client: { name: "a", id: "first" } },
    "already_exists CONFLICT: there is a client of the id first already",
  ],
  [method.readClient, { clientId: "none" }, "not_found NOT_FOUND: client none not found"],
  [
    method.createSecret,
    { clientId: "first", secret: { name: "" } },
    "invalid_argument VALIDATION: name must have 1 to 255 characters",
  ],
  [
    method.createScope,
    { scope: { label: "openid" } },
    "invalid_argument VALIDATION: label must not be a scope of OpenID Connect",
  ],
  [
    method.createScope,
    { scope: { label: "auth:read" } },
    "already_exists CONFLICT: there is a scope of the label auth:read already",
  ],
  [
    method.deleteScopeFromClient,
    { clientId: "first", scopeId: "'; drop table scopes; --" },
    "not_found NOT_FOUND: scope '; drop table scopes; -- not found",
  ],
  [method.readUser, { userId: "none" }, "not_found NOT_FOUND: user none not found"],
];

test("what is refused is refused in the same words over gRPC, gRPC-Web and Connect", async () => {
  const { app, token } = await startManagement();
  const before = await contents(app.db);
  for (const [name, wire] of Object.entries(rpcWires(app.url))) {
    for (const [rpc, request, says] of REFUSED) {
      const answer = await callRpc(wire, rpc, { request, token });
      expect(answer, `${rpc.name} over ${name}`).toBe(says);
    }
  }
  expect(await contents(app.db)).toEqual(before);
});

test("a client's life over gRPC, gRPC-Web and Connect", async () => {
  const { app, token, logIn, scopeId } = await startManagement();
  const headers = { authorization: `Bearer ${token}` };
  const ledgerRead = await scopeId("ledger:read");
  for (const wire of Object.values(rpcWires(app.url))) {
    const auth = createClient(AuthService, wire);
    const metadata = { tags: [1, "x", null, { deep: true }] };
    const client = { name: "Shop", redirectUris: ["https://shop.example"], metadata };
    const { data: created } = await auth.createClient({ client }, { headers });
    expect(created).toMatchObject({ ...client, public: false, scopes: [], secrets: [] });
    const clientId = created?.id ?? "";
    const { data: secret } = await auth.createSecret(
      { clientId, secret: { name: "till" } },
      { headers },
    );
    await logIn({ id: clientId, secret: secret?.clear ?? "" });
    await auth.addScopeToClient({ clientId, scopeId: ledgerRead }, { headers });
    const { data: read } = await auth.readClient({ clientId }, { headers });
    expect(read).toMatchObject({
      ...client,
      scopes: [ledgerRead],
      secrets: [{ id: secret?.id, name: "till", lastDigits: secret?.clear.slice(-4) }],
    });
    await auth.deleteClient({ clientId }, { headers });
    expect((await auth.listClients({}, { headers })).data.map(({ id }) => id)).toEqual(["first"]);
  }
});

/** Texts that mean something to somebody: SQL, templates, shells, paths, terminals. */
const HOSTILE = [
  "'; drop table clients; --",
  "#{7*7}{{7*7}}",
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "\u001b[31m\r\nSet-Cookie: a=b",
  "\u202e🙂é\ufeff",
  "__proto__",
  "%00%25",
  "\\",
  "?",
];

test("names, descriptions and metadata are kept as they are, whatever they say", async () => {
  const { send } = await startManagement();
  for (const text of HOSTILE) {
    const metadata = JSON.parse(JSON.stringify({ list: [text] }).replace("list", "__proto__"));
    const client = { name: text, description: text, metadata };
    const { body } = await send("POST /clients", client);
    const read = await send(`GET /clients/${body.data.id}`);
    expect(JSON.stringify(read.body.data)).toBe(JSON.stringify({ ...read.body.data, ...client }));
  }
});

test("ids of whatever text are ids that nobody has", async () => {
  const { app, send } = await startManagement();
  const before = await contents(app.db);
  for (const text of [...HOSTILE, "x".repeat(2000)]) {
    const id = encodeURIComponent(text);
    for (const call of [
      `GET /clients/${id}`,
      `DELETE /clients/first/secrets/${id}`,
      `PUT /clients/first/scopes/${id}`,
      `DELETE /clients/${id}/scopes/${id}`,
      `PUT /scopes/${id}/transient/${id}`,
      `GET /scopes/${id}`,
      `GET /users/${id}`,
    ]) {
      const { status, body } = await send(call);
      expect([status, body.errorCode], call).toEqual([404, "NOT_FOUND"]);
    }
  }
  expect((await send("GET /clients/a%00b")).status).toBe(400);
  expect(await contents(app.db)).toEqual(before);
});
