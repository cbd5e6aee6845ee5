import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { openDatabase } from "../../db/database.js";
import { systemClock } from "../../lib/time.js";
import { createVerifier } from "./verifyAccessToken.js";

const issuer = "https://pay.example.com/api/auth";
const audience = "https://pay.example.com/api";
const ours = generateKeyPairSync("rsa", { modulusLength: 2048 });
const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });

const signing = [{ ...ours.publicKey.export({ format: "jwk" }), kty: "RSA", kid: "ours" }];

/** Nobody listens at its database: what is refused here is refused without it. */
const { verify } = createVerifier({
  db: openDatabase({ url: "postgresql://127.0.0.1:1/nothing", poolSize: 1 }),
  issuer,
  audience,
  keyring: {
    current: () => ({ signing, cookies: [], pepper: new Uint8Array() }),
    refresh: async () => {},
    onChange() {},
  },
  clock: systemClock,
  isStrict: false,
});

interface Forgery {
  /** Undefined takes a claim out. */
  readonly claims?: { readonly [name: string]: unknown };
  readonly header?: { readonly alg?: string; readonly typ?: string; readonly kid?: string };
  readonly key?: KeyObject | Uint8Array;
  readonly lifetime?: string;
}

const claimsOf = (changed: Forgery["claims"]): JWTPayload => ({
  iss: issuer,
  aud: audience,
  sub: "shop",
  client_id: "shop",
  client_id_issued_at: 1,
  jti: randomUUID(),
  ...changed,
});

const forge = ({ claims, header, key = ours.privateKey, lifetime = "1h" }: Forgery) =>
  new SignJWT(claimsOf(claims))
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "ours", ...header })
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(key);

const refusalOf = async (token: string) => {
  const result = await verify(token);
  return result.ok ? "none" : result.failure.kind;
};

test("a token like ours goes on to the database, which is asked about its client", async () => {
  await expect(verify(await forge({}))).rejects.toThrow(/ECONNREFUSED/);
});

test.each<[string, Forgery]>([
  ["of another issuer", { claims: { iss: "https://other.example.com/api/auth" } }],
  ["for another audience", { claims: { aud: "shop" } }],
  ["of another type, as an id token", { header: { typ: "JWT" } }],
  ["that is not valid yet", { claims: { nbf: Math.floor(Date.now() / 1000) + 60 } }],
  ["of nobody", { claims: { sub: undefined } }],
  ["of no client", { claims: { client_id: undefined } }],
  ["of a client of any age", { claims: { client_id_issued_at: undefined } }],
  ["of a client whose age is no number", { claims: { client_id_issued_at: "1" } }],
  ["of a person without login", { claims: { sub: "somebody else" } }],
  ["of a person whose login is no text", { claims: { sub: "maria", scope: "", grant: 1 } }],
  ["of a person without scope", { claims: { sub: "maria", grant: "a login" } }],
  ["without id", { claims: { jti: undefined } }],
  ["whose id is no text", { claims: { jti: 1 } }],
  ["with a scope that is no text", { claims: { scope: ["ledger:read"] } }],
  ["signed with another key", { key: theirs.privateKey }],
  ["signed with another key, that it names", { key: theirs.privateKey, header: { kid: "theirs" } }],
  ["signed in another way", { header: { alg: "PS256" } }],
  [
    "signed with our public key, as if that were a secret",
    {
      header: { alg: "HS256" },
      key: Buffer.from(ours.publicKey.export({ type: "spki", format: "pem" })),
    },
  ],
])("refuses a token %s", async (_what, forgery) => {
  expect(await refusalOf(await forge(forgery))).toBe("token-invalid");
});

test("refuses a token that has expired", async () => {
  expect(await refusalOf(await forge({ lifetime: "1 second ago" }))).toBe("token-expired");
});

test("refuses a token without signature", async () => {
  const token = new UnsecuredJWT(claimsOf({})).setIssuedAt().setExpirationTime("1h").encode();
  expect(await refusalOf(token)).toBe("token-invalid");
});

test("refuses a token that was changed", async () => {
  const token = await forge({});
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const bank = Buffer.from(JSON.stringify({ ...claims, sub: "bank", client_id: "bank" }));
  for (const changed of [
    `${header}.${bank.toString("base64url")}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
    `${token}.${token}`,
  ]) {
    expect(await refusalOf(changed)).toBe("token-invalid");
  }
});

test.each(["", ".", "..", "garbage", "a.b.c", "e30.e30.e30", "\u0000", "💰".repeat(1000)])(
  "refuses garbage: %j",
  async (token) => {
    expect(await refusalOf(token)).toBe("token-invalid");
  },
);
