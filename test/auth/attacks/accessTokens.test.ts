import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { hs256, rs256, startForge, strangersKey, unsigned } from "./forge.js";
import { expectInvalidToken, useWith } from "./useToken.js";

vi.setConfig({ testTimeout: 120_000 });

test("a token with one thing wrong is refused on every wire, and changes nothing", async () => {
  const { url, db, good, forge, publicKey, clientId } = await startForge();
  const [head = "", body = "", signature = ""] = good.split(".");
  const stranger = strangersKey();
  const byStranger = rs256(stranger.privateKey);
  const strangersJwk = stranger.publicKey.export({ format: "jwk" });
  const now = Math.floor(Date.now() / 1000);
  const hmacWith = (secret: string | Buffer) =>
    forge({ header: { alg: "HS256" }, sign: hs256(secret) });
  const ofKid = (kid: unknown) => forge({ header: { kid }, sign: byStranger });

  const invalid = /^the access token is not valid: /;
  const attacks: Readonly<Record<string, string | readonly [token: string, says: RegExp]>> = {
    // Not a token of ours.
    garbage: "garbage",
    "three words": "a.b.c",
    "half a token": good.slice(0, good.length / 2),
    "a fourth part": `${good}.x`,
    "five parts, as of an encrypted token": "e30.e30.e30.e30.e30",
    "a changed signature": `${head}.${body}.${signature.toUpperCase()}`,
    "another token's signature": `${forge({ claims: { scope: "auth:write" } }).slice(0, -signature.length)}${signature}`,

    // Algorithms.
    "no signature": `${head}.${body}.`,
    "alg: none": forge({ header: { alg: "none" }, sign: unsigned }),
    "alg: nOnE": forge({ header: { alg: "nOnE" }, sign: unsigned }),
    "alg: None, signed all the same": forge({ header: { alg: "None" } }),
    "no alg": forge({ header: { alg: undefined } }),
    "another alg, signed with the right key": forge({ header: { alg: "RS512" } }),
    "alg twice, none first": forge({
      header: `{"alg":"none","alg":"RS256","typ":"at+jwt"}`,
      sign: unsigned,
    }),
    "alg twice, none last": forge({
      header: `{"alg":"RS256","alg":"none","typ":"at+jwt"}`,
      sign: unsigned,
    }),
    "HS256 with the public key as PEM": hmacWith(publicKey.export({ type: "spki", format: "pem" })),
    "HS256 with the public key as PEM, without its last newline": hmacWith(
      publicKey.export({ type: "spki", format: "pem" }).toString().trimEnd(),
    ),
    "HS256 with the public key as PKCS#1 PEM": hmacWith(
      publicKey.export({ type: "pkcs1", format: "pem" }),
    ),
    "HS256 with the public key as DER": hmacWith(publicKey.export({ type: "spki", format: "der" })),
    "HS256 with the public key as JWK": hmacWith(
      JSON.stringify(publicKey.export({ format: "jwk" })),
    ),
    "HS256 with nothing": hmacWith(""),

    // Keys.
    "another key": forge({ sign: byStranger }),
    "another key, which it brings": forge({
      header: { jwk: strangersJwk, kid: undefined },
      sign: byStranger,
    }),
    "another key, which it brings under our name": forge({
      header: { jwk: strangersJwk },
      sign: byStranger,
    }),
    "another key, at a URL of its own": forge({
      header: { jku: `${url}/keys`, kid: "mine" },
      sign: byStranger,
    }),
    "another key, as a certificate": forge({
      header: { x5u: `${url}/keys`, x5c: ["MIIB"], x5t: "x" },
      sign: byStranger,
    }),
    "an unknown key": ofKid("unknown"),
    "a key that is a path": ofKid("../../../../dev/null"),
    "a key that is a path, with nothing in it": forge({
      header: { alg: "HS256", kid: "../../../../dev/null" },
      sign: hs256(""),
    }),
    "a key that is SQL": ofKid("' or '1'='1"),
    "a key that is a member of every object": ofKid("__proto__"),
    "a key that is a list": ofKid(["a", "b"]),
    "a key that is nothing": ofKid(null),
    "a key with a long name": ofKid("k".repeat(5_000)),

    // Headers.
    "the type of an ID token": forge({ header: { typ: "JWT" } }),
    "no type": forge({ header: { typ: undefined } }),
    "an extension that must be understood": forge({ header: { crit: ["x"], x: 1 } }),
    "a payload that is not encoded": forge({ header: { crit: ["b64"], b64: false } }),
    "a header that is no object": forge({ header: '"RS256"' }),

    // Claims that only the server could have signed, and never would.
    "another issuer": forge({ claims: { iss: "https://elsewhere.test/api/auth" } }),
    "an issuer like ours": forge({ claims: { iss: "http://florin.test/api/auth/" } }),
    "no issuer": forge({ claims: { iss: undefined } }),
    "another audience": forge({ claims: { aud: "https://elsewhere.test" } }),
    "the client as its audience, as of an ID token": forge({ claims: { aud: clientId } }),
    "no audience": forge({ claims: { aud: undefined } }),
    "a time to come": forge({ claims: { nbf: now + 60 } }),
    "an hour ahead of its time": forge({ claims: { iat: now + 3600 } }),
    "a time that is over": [forge({ claims: { exp: now - 1 } }), /^the access token has expired$/],
    "no time": forge({ claims: { exp: undefined } }),
    "a time in words": forge({ claims: { exp: "tomorrow" } }),
    "a person's name": forge({ claims: { sub: "somebody" } }),
    "no subject": forge({ claims: { sub: undefined } }),
    "no id": forge({ claims: { jti: undefined } }),
    "no client": forge({ claims: { client_id: undefined } }),
    "a client that is no text": forge({ claims: { sub: ["first"], client_id: ["first"] } }),
    "a list of scopes": forge({ claims: { scope: ["ledger:write"] } }),
    "claims that are no object": forge({ claims: '["first"]' }),
    "claims that are no JSON": forge({ claims: "{" }),
    "a client that is not there": [
      forge({ claims: { sub: "nobody", client_id: "nobody" } }),
      /^the client nobody no longer exists$/,
    ],
    "a client's predecessor": [
      forge({ claims: { client_id_issued_at: 1 } }),
      /^the client first no longer exists$/,
    ],
  };

  const ends = await useWith(url, forge());
  expect(ends["gRPC, call"]).toBe("ok");
  for (const [way, end] of Object.entries(ends)) expect(end, way).toMatch(/^(ok$|501 )/);
  const before = await contents(db);
  for (const [what, attack] of Object.entries(attacks)) {
    const [token, says] = typeof attack === "string" ? [attack, invalid] : attack;
    expectInvalidToken(await useWith(url, token), says, what);
  }
  expect(await contents(db)).toEqual(before);
});
