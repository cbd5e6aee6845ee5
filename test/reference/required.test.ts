import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { callsOf, findCall, ours, resolve, type Schema } from "./document.js";

const calls = callsOf(ours);
const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: 5 };
const contract = { name: "no debts", account: "users:*", expr: { $gte: ["$balance", 0] } };
const plain = "send [EUR/2 5] (source = @world destination = @users:1)";

/** Bodies that are good, and where in them the object is of which each key is left out in turn. */
const BODIES: readonly (readonly [call: string, body: object, place: readonly string[]])[] = [
  ["POST /api/ledger/main/transactions", { postings: [posting] }, ["postings", "0"]],
  ["POST /api/ledger/main/transactions", { script: { plain, vars: {} } }, ["script"]],
  ["POST /api/ledger/main/transactions/batch", { transactions: [{ postings: [posting] }] }, []],
  ["PUT /api/ledger/main/mapping", { contracts: [contract] }, []],
  ["PUT /api/ledger/main/mapping", { contracts: [contract] }, ["contracts", "0"]],
  ["POST /api/auth/clients", { name: "shop", public: true, metadata: {} }, []],
  ["POST /api/auth/clients/florin/secrets", { name: "next", metadata: {} }, []],
  ["POST /api/auth/scopes", { label: "orders:read", metadata: {} }, []],
];

test.each(BODIES)("%s: what is required of %j is what it is refused without", async (...given) => {
  const [call, body, place] = given;
  const [verb = "", path = ""] = call.split(" ");
  const { url, token, clientId } = await startTestApp();
  const headers = { authorization: `Bearer ${await token()}` };
  const whole = findCall(verb, path, calls)?.operation.requestBody?.content["application/json"];
  const { properties, required = [] } = schemaAt(whole?.schema ?? {}, place);
  const keys = Object.keys(objectAt(body, place));
  for (const key of [...keys, null]) {
    const sent = structuredClone(body);
    if (key !== null) delete objectAt(sent, place)[key];
    const to = url + path.replace("florin", clientId);
    const { status } = await fetch(to, { method: verb, headers, body: JSON.stringify(sent) });
    expect([key, Object.keys(properties ?? {})]).toEqual([key, expect.arrayContaining(keys)]);
    expect([key, status === 400]).toEqual([key, key !== null && required.includes(key)]);
  }
});

const objectAt = (body: object, place: readonly string[]): Record<string, unknown> =>
  place.reduce<Record<string, unknown>>(
    (node, key) => node[key] as Record<string, unknown>,
    body as Record<string, unknown>,
  );

const schemaAt = (schema: Schema, place: readonly string[]): Schema =>
  place.reduce(
    (node, key) => {
      const next = /^\d+$/.test(key) ? node.items : node.properties?.[key];
      return resolve(next ?? {}, ours);
    },
    resolve(schema, ours),
  );
