import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { hasDocument, readDocument } from "../support/published/document.js";
import { CASES, type Case, HISTORY } from "./ledgerCases.js";

/**
 * Walks every operation of the ledger in the published document, its success and its refusals. That each answer has
 * the documented shape is seen by `validateResponses`, as for all tests.
 */

type Sent = Pick<Case, "at" | "body" | "headers">;

/** Sends requests to a server whose ledger "main" has a short history. */
async function serveHistory() {
  const { url, ...app } = await startTestApp();
  const authorization = `Bearer ${await app.token()}`;
  const send = async (verb: string, { at, body, headers }: Sent, token = { authorization }) => {
    const response = await fetch(`${url}/api/ledger${at}`, {
      method: verb,
      headers: { ...token, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, count: response.headers.get("count") };
  };
  for (const [at, body] of HISTORY) {
    expect((await send("POST", { at: `/main/${at}`, body })).status).toBeLessThan(300);
  }
  return send;
}

test.each(Object.entries(CASES))("%s", { timeout: 60_000 }, async (operation, cases) => {
  const [verb = "", template = ""] = operation.split(" ");
  const send = await serveHistory();
  for (const { when, status, answer, refusal, ...sent } of cases) {
    const told = await send(verb, sent);
    expect(told.status, `${when}: ${told.text}`).toBe(status);
    if (verb === "HEAD") {
      expect(told, when).toMatchObject({
        text: "",
        count: refusal === undefined ? expect.stringMatching(/^\d+$/) : null,
      });
    } else if (answer !== undefined) {
      expect(JSON.parse(told.text), when).toMatchObject(answer);
    } else if (refusal !== undefined) {
      expect(tellRefusal(told.text, refusal), when).toBe(refusal);
    } else {
      expect(told.text, when).toBe("");
    }
  }

  const [{ at, body = "" } = { at: "" }] = cases;
  const sent = verb === "GET" || verb === "HEAD" ? { at } : { at, body };
  const stranger = await send(verb, sent, { authorization: "Bearer none" });
  expect(stranger.status).toBe(401);
  if (template.includes("{ledger}")) {
    const reserved = await send(verb, { ...sent, at: at.replace(/^\/\w+/, "/_reserved") });
    expect(reserved.status, reserved.text).toBe(400);
  }
});

/** As `like` tells it: with the message or without. */
function tellRefusal(text: string, like: string): string {
  const { errorCode, errorMessage, ...twins } = JSON.parse(text);
  expect(twins).toMatchObject({ error_code: errorCode, error_message: errorMessage });
  return like.includes(":") ? `${errorCode}: ${errorMessage}` : errorCode;
}

test.skipIf(!hasDocument)(
  "no operation, status or error code of the published document is left out",
  () => {
    const { operations, schemas } = readDocument();
    const visited = Object.entries(CASES).flatMap(([operation, cases]) => [
      ...cases.map(({ status }) => `${operation} ${status < 400 ? status : "default"}`),
      // Each is also tried without a token.
      `${operation} default`,
    ]);
    const documented = operations
      .filter(({ path }) => path.startsWith("/api/ledger/"))
      .flatMap(({ verb, path, responses }) =>
        Object.keys(responses).map((status) => `${verb} ${path} ${status}`),
      );
    expect(documented.filter((status) => !visited.includes(status))).toEqual([]);
    expect(documented).toHaveLength(39);

    const codes = new Set(
      Object.values(CASES).flatMap((cases) =>
        cases.flatMap(({ refusal, answer }) => [
          ...(refusal === undefined ? [] : [refusal.split(":")[0]]),
          ...(answer !== undefined && "errorCode" in answer ? [answer.errorCode] : []),
        ]),
      ),
    );
    const wanted = schemas["ErrorsEnum"]?.enum ?? [];
    // INTERNAL is for what must not happen: test/contract/fixes.test.ts makes it happen.
    expect(wanted.filter((code) => !codes.has(code))).toEqual(["INTERNAL"]);
  },
);

test("/versions lists the services, without a token", async () => {
  const { url } = await startTestApp();
  const response = await fetch(`${url}/versions`);
  const { versions } = (await response.json()) as { versions: { name: string }[] };
  expect(versions.map(({ name }) => name).sort()).toEqual(["auth", "ledger", "payments"]);
});
