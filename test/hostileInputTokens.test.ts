import {
  createHmac,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { expect, test, vi } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { loadAuthKeys } from "../src/auth/keys/authKeys.js";
import { startTestApp } from "./support/app.js";
import { contents } from "./support/contents.js";
import { callRpc, rpcWires } from "./support/rpcs.js";

vi.setConfig({ testTimeout: 60_000 });

type Sign = (text: string) => string;

const rs256 =
  (key: Parameters<ReturnType<typeof createSign>["sign"]>[0]): Sign =>
  (text) =>
    createSign("RSA-SHA256").update(text).sign(key, "base64url");

const hs256 =
  (secret: string | Buffer): Sign =>
  (text) =>
    createHmac("sha256", secret).update(text).digest("base64url");

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** A server, a good token of its, and what makes others that are signed with the server's own key. */
async function startWithTokens() {
  const encryptionKey = randomBytes(32);
  const app = await startTestApp({ ENCRYPTION_KEY: encryptionKey.toString("base64") });
  const { signing } = await loadAuthKeys(app.db, [encryptionKey]);
  const key = { key: signing[0] ?? expect.unreachable("no key"), format: "jwk" } as const;
  const good = await app.token();
  const [header, claims] = [decodeProtectedHeader(good), decodeJwt(good)];
  const make = (changes: { header?: object; claims?: object; sign?: Sign } = {}) => {
    const text = `${encode({ ...header, ...changes.header })}.${encode({ ...claims, ...changes.claims })}`;
    return `${text}.${(changes.sign ?? rs256(key))(text)}`;
  };
  return { ...app, good, make, publicKey: createPublicKey(key) };
}

test("a token with one thing wrong is refused on every wire, and changes nothing", async () => {
  const { url, db, good, make, publicKey } = await startWithTokens();
  const pem = publicKey.export({ type: "spki", format: "pem" });
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const now = Math.floor(Date.now() / 1000);
  const unsigned = () => "";
  const [head = "", body = "", signature = ""] = good.split(".");

  const invalid = /^the access token is not valid: /;
  const refusals: Record<string, [token: string, says: RegExp]> = {
    "no token at all": ["garbage", invalid],
    "three words": ["a.b.c", invalid],
    "half a token": [good.slice(0, good.length / 2), invalid],
    "a changed signature": [`${head}.${body}.${signature.toUpperCase()}`, invalid],
    "changed claims": [
      `${make({ claims: { scope: "auth:write" } }).slice(0, -342)}${signature}`,
      invalid,
    ],
    "no signature": [make({ sign: unsigned }), invalid],
    "alg: none": [make({ header: { alg: "none" }, sign: unsigned }), invalid],
    "alg: None, signed all the same": [make({ header: { alg: "None" } }), invalid],
    "HS256 with the public key": [make({ header: { alg: "HS256" }, sign: hs256(pem) }), invalid],
    "HS256 with the text of the public key": [
      make({
        header: { alg: "HS256" },
        sign: hs256(JSON.stringify(publicKey.export({ format: "jwk" }))),
      }),
      invalid,
    ],
    "another issuer's key": [make({ sign: rs256(stranger.privateKey) }), invalid],
    "another issuer's key, which it brings": [
      make({
        header: { jwk: stranger.publicKey.export({ format: "jwk" }), kid: undefined },
        sign: rs256(stranger.privateKey),
      }),
      invalid,
    ],
    "another issuer": [make({ claims: { iss: "https://elsewhere.test/api/auth" } }), invalid],
    "another audience": [make({ claims: { aud: "https://elsewhere.test" } }), invalid],
    "no audience": [make({ claims: { aud: undefined } }), invalid],
    "the type of an ID token": [make({ header: { typ: "JWT" } }), invalid],
    "no type": [make({ header: { typ: undefined } }), invalid],
    "an extension that must be understood": [make({ header: { crit: ["x"], x: 1 } }), invalid],
    "a time to come": [make({ claims: { nbf: now + 60 } }), invalid],
    "a time that is over": [make({ claims: { exp: now - 1 } }), /^the access token has expired$/],
    "no time": [make({ claims: { exp: undefined } }), invalid],
    "a time in words": [make({ claims: { exp: "tomorrow" } }), invalid],
    "a person's name": [make({ claims: { sub: "somebody" } }), invalid],
    "no client": [make({ claims: { client_id: undefined } }), invalid],
    "a client that is not there": [
      make({ claims: { sub: "nobody", client_id: "nobody" } }),
      /^the client nobody no longer exists$/,
    ],
    "a client's predecessor": [
      make({ claims: { client_id_issued_at: 1 } }),
      /^the client first no longer exists$/,
    ],
  };

  const wires = Object.entries(rpcWires(url));
  const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "1" };
  const request = { ledger: "main", transaction: { postings: [posting] } };
  const create = LedgerService.method.createTransaction;
  expect(await callRpc(rpcWires(url).gRPC, create, { request, token: make() })).toBe("ok");
  const before = await contents(db);

  for (const [what, [token, says]] of Object.entries(refusals)) {
    for (const [name, wire] of wires) {
      const answer = await callRpc(wire, create, { request, token });
      expect(answer, `${what}, over ${name}`).toMatch(/^unauthenticated VALIDATION: /);
      expect(answer.replace(/^.*?: /, ""), `${what}, over ${name}`).toMatch(says);
    }
    for (const path of ["/api/ledger/main/stats", "/metrics"]) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
      const { errorMessage } = (await response.json()) as Record<string, string>;
      const challenge = response.headers.get("www-authenticate");
      expect([response.status, challenge, errorMessage], `${what}, at ${path}`).toEqual([
        401,
        'Bearer error="invalid_token"',
        expect.stringMatching(says),
      ]);
    }
  }
  expect(await contents(db)).toEqual(before);
});
