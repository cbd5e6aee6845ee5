import {
  createHmac,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { loadAuthKeys } from "../../../src/auth/keys/authKeys.js";
import { startTestApp, type TestApp } from "../../support/app.js";

/** Makes the third part of a token from the two others. */
export type Sign = (text: string) => string;

export const rs256 =
  (key: Parameters<ReturnType<typeof createSign>["sign"]>[0]): Sign =>
  (text) =>
    createSign("RSA-SHA256").update(text).sign(key, "base64url");

export const hs256 =
  (secret: string | Buffer): Sign =>
  (text) =>
    createHmac("sha256", secret).update(text).digest("base64url");

export const unsigned: Sign = () => "";

/** Changes to one part of a good token; or all of it, as JSON. */
type Part = Record<string, unknown> | string;

export interface Forgery {
  readonly header?: Part;
  readonly claims?: Part;
  /** With the server's own key unless said otherwise. */
  readonly sign?: Sign;
}

export interface Forge extends TestApp {
  /** A token of the unrestricted client, as the server made it. */
  readonly good: string;
  readonly publicKey: KeyObject;
  /** The server's: with it a test can make secrets. */
  readonly pepper: Uint8Array;
  /** The good token with changes, as if the server had signed it. */
  readonly forge: (forgery?: Forgery) => string;
}

/** A server whose signing key the test has, too. */
export async function startForge(variables: NodeJS.ProcessEnv = {}): Promise<Forge> {
  const encryptionKey = randomBytes(32);
  const app = await startTestApp({
    ENCRYPTION_KEY: encryptionKey.toString("base64"),
    ...variables,
  });
  const { signing, pepper } = await loadAuthKeys(app.db, [encryptionKey]);
  const [signingKey] = signing;
  if (signingKey === undefined) throw new Error("the server has no signing key");
  const key = { key: signingKey, format: "jwk" } as const;
  const good = await app.token();
  const [header, claims] = [decodeProtectedHeader(good), decodeJwt(good)];
  return {
    ...app,
    good,
    pepper,
    publicKey: createPublicKey(key),
    forge(forgery = {}) {
      const text = `${encode(header, forgery.header)}.${encode(claims, forgery.claims)}`;
      return `${text}.${(forgery.sign ?? rs256(key))(text)}`;
    },
  };
}

function encode(part: object, change: Part = {}): string {
  const json = typeof change === "string" ? change : JSON.stringify({ ...part, ...change });
  return Buffer.from(json).toString("base64url");
}

/** A key that is as good as the server's, but not the server's. */
export const strangersKey = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
