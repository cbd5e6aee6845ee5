import { expect, test } from "vitest";
import { putLogin } from "../../src/auth/store/users.js";
import { hasDocument, readDocument } from "../support/published/document.js";
import { startManagement } from "./management.js";
import { CASES } from "./managementCases.js";

/**
 * Walks every operation of Auth in the published document, its success and its refusals. That each answer has the
 * documented shape is seen by `validateResponses`, as for all tests.
 */

/** A server that knows two clients, two scopes and a person; and how a text reads with their ids in it. */
async function serveHistory() {
  const { app, send, makeClient, makeScope, scopeId, logIn } = await startManagement();
  const { id: shop } = await makeClient({ id: "shop", name: "Shop" });
  await send("POST /clients", { id: "till", name: "Till", public: true });
  const [sell, buy] = [await makeScope("sell"), await makeScope("buy")];
  await send(`PUT /clients/shop/scopes/${sell}`);
  await send(`PUT /scopes/${sell}/transient/${buy}`);
  const login = { subject: "upstream-1", email: "ann@example.com", isEmailVerified: true };
  const ann = await putLogin(app.db, { issuer: "https://people.example", ...login });
  const key = (await send("GET /clients/shop")).body.data.secrets[0].id;
  const { version } = (await send("GET /_info")).body;
  const ids: Record<string, string> = { shop, till: "till", key, sell, buy, ann, version };
  const fill = (text: string) => text.replaceAll(/<(\w+)>/g, (_, name) => ids[name] ?? name);
  return { send, makeClient, scopeId, logIn, fill };
}

test.each(Object.entries(CASES))("%s", async (operation, cases) => {
  const [verb = ""] = operation.split(" ");
  const { send, fill } = await serveHistory();
  for (const { when, at, body, status, answer, refusal } of cases) {
    const told = await send(`${verb} ${fill(at)}`, body);
    expect(told.status, `${when}: ${told.text}`).toBe(status);
    if (answer !== undefined) {
      expect(told.body, when).toMatchObject(JSON.parse(fill(JSON.stringify(answer))));
    } else if (refusal === undefined) {
      expect([told.text, told.headers.get("content-type")], when).toEqual(["", null]);
    } else {
      const { errorCode, errorMessage } = told.body;
      const tellsAll = refusal.includes(":");
      expect(tellsAll ? `${errorCode}: ${errorMessage}` : errorCode, when).toBe(refusal);
    }
  }
});

test("every operation but _info asks for a token, with the scope to read or to write", async () => {
  const { send, makeClient, scopeId, logIn, fill } = await serveHistory();
  const tokenFor = async (label: string) => {
    const client = await makeClient();
    await send(`PUT /clients/${client.id}/scopes/${await scopeId(label)}`);
    return logIn(client);
  };
  const [reader, other] = [await tokenFor("auth:read"), await tokenFor("ledger:write")];
  for (const [operation, [{ at, body }]] of Object.entries(CASES)) {
    const [verb = ""] = operation.split(" ");
    const [isOpen, isReading] = [operation.endsWith("_info"), verb === "GET"];
    const statusOf = async (token: string | null) =>
      (await send(`${verb} ${fill(at)}`, body, token)).status;
    expect(await statusOf(null), operation).toBe(isOpen ? 200 : 401);
    expect(await statusOf("none"), operation).toBe(isOpen ? 200 : 401);
    expect(await statusOf(other), operation).toBe(isOpen ? 200 : 403);
    expect(await statusOf(reader), operation).toBe(isReading ? 200 : 403);
  }
});

test.skipIf(!hasDocument)("no operation or status of the published document is left out", () => {
  const { operations } = readDocument();
  const documented = operations
    .filter(({ path }) => path.startsWith("/api/auth/"))
    .flatMap(({ verb, path, responses }) =>
      Object.keys(responses).map((status) => `${verb} ${path} ${status}`),
    );
  const visited = Object.entries(CASES).flatMap(([operation, cases]) =>
    cases.filter(({ status }) => status < 400).map(({ status }) => `${operation} ${status}`),
  );
  expect(documented).toHaveLength(19);
  expect([...new Set(visited)].sort()).toEqual(documented.sort());
});
