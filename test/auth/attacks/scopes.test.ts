import { decodeJwt } from "jose";
import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { startForge } from "./forge.js";
import { machineToken, makeClient } from "./manage.js";
import { post, versions } from "./send.js";
import { writeWith } from "./useToken.js";

vi.setConfig({ testTimeout: 120_000 });

/** That each of `ends` is a 403 for want of ledger:write. */
function expectLacking(ends: Record<string, string>, what: string) {
  for (const [way, end] of Object.entries(ends)) {
    const challenge = / \//.test(way)
      ? 'Bearer error="insufficient_scope", scope="ledger:write"'
      : "";
    const refused = `403 ${challenge}: the access token lacks the scope ledger:write`;
    expect(end, `${what}, ${way}`).toBe(refused);
  }
}

/** What a client that has ledger:read alone might ask for to get more. */
const WISHES: Readonly<Record<string, string>> = {
  "nothing in particular": "",
  "plainly more": "ledger:read ledger:write",
  "more than once": "ledger:write ledger:write",
  "a space before": " ledger:write",
  "a space behind": "ledger:write ",
  "spaces between": "ledger:read  ledger:write",
  "a tab": "ledger:read\tledger:write",
  "a line": "ledger:read\nledger:write",
  "a comma": "ledger:read,ledger:write",
  "a plus": "ledger:read+ledger:write",
  "a NUL": "ledger:write\0",
  quotes: '"ledger:write"',
  "a no-break space": "ledger:write\u00a0",
  "nothing that can be seen": "ledger:write\u200b",
  capitals: "LEDGER:WRITE",
  "a capital": "Ledger:write",
  "a Cyrillic letter": "ledger:wr\u0456te",
  "wide letters": "\uff4c\uff45\uff44\uff47\uff45\uff52:write",
  "a wide colon": "ledger\uff1awrite",
  "a letter that folds to another": "ledger:wr\u0131te",
  "another service's": "payments:write auth:write",
  "all of a service": "ledger:*",
  everything: "*",
  nothing: "null",
  "a member of every object": "__proto__ constructor",
};

test("a client that may read gets no token to write, whatever it asks for", async () => {
  const server = await startForge();
  const { url, port, db } = server;
  const { id, secret } = await makeClient(server, { id: "reader", scopes: ["ledger:read"] });
  const before = await contents(db);
  for (const [version, send] of Object.entries(versions)) {
    for (const [what, scope] of Object.entries(WISHES)) {
      const form = {
        grant_type: "client_credentials",
        client_id: id,
        client_secret: secret,
        scope,
      };
      const answer = await send(port, post("/oauth/token", form));
      const label = `${what}, over ${version}: ${answer.body}`;
      const { access_token: token } = JSON.parse(answer.body);
      if (token === undefined) {
        expect(answer.status, label).toBe(400);
        continue;
      }
      expect(["ledger:read", ""], label).toContain(decodeJwt(token)["scope"]);
      expectLacking(await writeWith(url, token), label);
    }
  }
  expect(await contents(db)).toEqual(before);
});

/** Scopes that operators may define, and that are not Florin's. */
const ALIKE = [
  ...["LEDGER:WRITE", "Ledger:Write", "ledger:write:", "ledger:writer", "xledger:write"],
  ...["ledger:*", "*", "ledger", "write", "ledger.write", "ledger/write", "ledger:wr1te"],
  ...["payments:write", "auth:write", "payments:read", "auth:read", "admin", "__proto__"],
];

test("only ledger:write lets anybody write to ledgers, on every wire", async () => {
  const server = await startForge();
  const { url, db } = server;
  const tokens = new Map<string, string>();
  for (const [index, label] of ALIKE.entries()) {
    const client = await makeClient(server, { id: `alike-${index}`, scopes: [label] });
    const token = await machineToken(server, client);
    expect(decodeJwt(token)["scope"]).toBe(label);
    tokens.set(label, token);
  }
  const before = await contents(db);
  for (const [label, token] of tokens) expectLacking(await writeWith(url, token), label);
  expect(await contents(db)).toEqual(before);
});
