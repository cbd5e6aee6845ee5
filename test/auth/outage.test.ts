import { createHmac } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { createOidcHandler } from "../../src/auth/oidc/handler.js";
import { passToProvider } from "../../src/auth/oidc/passToProvider.js";
import { createOidcProvider } from "../../src/auth/oidc/provider.js";
import { browserRoutes, documentRoutes } from "../../src/auth/oidc/providerRoutes.js";
import { openDatabase } from "../../src/db/database.js";
import { testDb } from "../support/database.js";
import { keptLogger } from "../support/evidence.js";
import { ISSUER } from "./logins.js";
import { CLIENT, ENCRYPTION_KEY, PUBLIC_URL, serve } from "./startAuth.js";

/** The endpoints of a process that has its keys, and whose database is gone. */
async function serveWithoutDatabase() {
  const keys = await loadAuthKeys(await testDb(), [ENCRYPTION_KEY]);
  const db = openDatabase({ url: "postgresql://127.0.0.1:1/nothing", poolSize: 1 });
  onTestFinished(() => db.destroy());
  const provider = createOidcProvider({
    db,
    keys,
    issuer: ISSUER,
    audience: `${PUBLIC_URL}/api`,
    encryptionKeys: [ENCRYPTION_KEY],
    hasLogins: true,
    isStrict: false,
    onGrantRevoked() {},
    logger: keptLogger(),
  });
  const toProvider = passToProvider(() => provider);
  const handleOidc = createOidcHandler({
    routes: [
      ...documentRoutes(toProvider),
      ...browserRoutes(toProvider),
      { path: "/oauth/token", methods: ["POST"], serve: toProvider },
    ],
    onFault: (error) => expect.fail(String(error)),
  });
  const root = await serve({ handleOidc });
  const sign = (cookie: string) =>
    createHmac("sha1", keys.cookies[0] ?? "")
      .update(cookie)
      .digest("base64url");
  /** A cookie that we gave out. */
  const cookie = (name: string) => `${name}=x; ${name}.sig=${sign(`${name}=x`)}`;
  return { root, cookie };
}

test.each<[string, string, RequestInit]>([
  [
    "token endpoint",
    "/oauth/token",
    {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
      }),
    },
  ],
  ["authorization endpoint", `/authorize?client_id=${CLIENT.id}&response_type=code`, {}],
  ["end of a session", `/end_session?client_id=${CLIENT.id}`, {}],
])("while the database is away, the %s asks to try again", async (_what, path, init) => {
  const { root } = await serveWithoutDatabase();
  const response = await fetch(root + path, { ...init, redirect: "manual" });
  expect(response.status).toBe(503);
  expect(response.headers.get("Retry-After")).toBe("1");
  expect(await response.json()).toMatchObject({
    error: "temporarily_unavailable",
    error_description: "try again",
  });
});

test("while the database is away, a browser gets a page that tells nothing internal", async () => {
  const { root } = await serveWithoutDatabase();
  const response = await fetch(`${root}/authorize?client_id=${CLIENT.id}&response_type=code`, {
    headers: { Accept: "text/html" },
  });
  expect(response.status).toBe(503);
  const html = await response.text();
  expect(html).toContain("temporarily_unavailable");
  expect(html).not.toMatch(/ECONNREFUSED|select|postgres/i);
});

test("while the database is away, what is published stays so", async () => {
  const { root } = await serveWithoutDatabase();
  for (const path of ["/keys", "/.well-known/openid-configuration"]) {
    expect((await fetch(root + path)).status).toBe(200);
  }
});

test("while the database is away, a login that comes back and a session that ends can be tried again", async () => {
  const { root, cookie } = await serveWithoutDatabase();
  for (const path of ["/authorize/x", "/end_session"]) {
    const headers = { Cookie: `${cookie("_session")}; ${cookie("_interaction_resume")}` };
    expect((await fetch(root + path, { headers })).status).toBe(503);
  }
});
