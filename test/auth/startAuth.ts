import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { onTestFinished } from "vitest";
import { type Auth, type AuthOptions, createAuth } from "../../src/auth/auth.js";
import type { Db } from "../../src/db/database.js";
import { systemClock } from "../../src/lib/time.js";
import { keptLogger } from "../support/evidence.js";
import { onLoopback } from "../support/onLoopback.js";
import { lendSigningKey } from "../support/signingKey.js";

export const CLIENT = { id: "shop", secret: "a secret of the shop" };
export const PUBLIC_URL = "https://pay.example.com/florin";

export type AuthOverrides = Partial<Omit<AuthOptions, "db">>;

export const ENCRYPTION_KEY = randomBytes(32);

/** Auth as a process would start it, with `CLIENT` as its first client. On a new database, it need not make a signing key. */
export async function startAuth(db: Db, overrides: AuthOverrides = {}): Promise<Auth> {
  await lendSigningKey(db, overrides.encryptionKeys ?? [ENCRYPTION_KEY]);
  return startBareAuth(db, overrides);
}

/** The same, with nothing prepared for it. */
export async function startBareAuth(db: Db, overrides: AuthOverrides = {}): Promise<Auth> {
  const auth = await createAuth({
    db,
    publicUrl: PUBLIC_URL,
    encryptionKeys: [ENCRYPTION_KEY],
    firstClient: { ...CLIENT, folder: null },
    isStrict: false,
    upstream: null,
    version: "v1.2.3",
    clock: systemClock,
    logger: keptLogger(),
    ...overrides,
  });
  onTestFinished(() => auth.close());
  return auth;
}

/** Serves the endpoints of `auth` on loopback; answers the URL of their root. Other paths are 404. */
export async function serve(
  auth: Pick<Auth, "handleOidc">,
  http: "http/1.1" | "h2c" = "http/1.1",
): Promise<string> {
  const listener = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    if (auth.handleOidc(request, response)) return;
    response.statusCode = 404;
    response.end("not ours");
  };
  const server = http === "h2c" ? createHttp2Server(listener) : createServer(listener);
  return `http://${await onLoopback(server)}/api/auth`;
}

/** Posts a form to the token endpoint. */
export const requestToken = (
  root: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${root}/oauth/token`, { method: "POST", body: new URLSearchParams(form), headers });

/** An access token of `CLIENT`, or of whom `form` says. */
export async function logIn(root: string, form: Record<string, string> = {}): Promise<string> {
  const response = await requestToken(root, {
    grant_type: "client_credentials",
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    ...form,
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(JSON.stringify(body));
  return body.access_token;
}

/** Attaches scopes to `CLIENT`, so that it is no longer unrestricted. */
export async function attachScopes(db: Db, ...labels: string[]): Promise<void> {
  for (const label of labels) {
    await db("client_scopes").insert({
      client_id: CLIENT.id,
      scope_id: await defineScope(db, label),
    });
  }
}

/** Sees to it that there is a scope of this label; answers its id. */
export async function defineScope(db: Db, label: string): Promise<string> {
  await db("scopes").insert({ id: label, label }).onConflict("label").ignore();
  const [id] = await db("scopes").where({ label }).pluck("id");
  return id;
}
