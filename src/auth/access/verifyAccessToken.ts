import { hash as digest } from "node:crypto";
import { createLocalJWKSet, type JWK, type JWTPayload, errors as jose, jwtVerify } from "jose";
import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { Clock, Micros } from "../../lib/time.js";
import type { AccessToken, TokenRefusal } from "../domain/accessToken.js";
import { parseScopes } from "../domain/scopes.js";
import type { Keyring } from "../keys/keyring.js";
import { findClient } from "../store/clients.js";

export interface VerifierOptions {
  readonly db: Db;
  readonly issuer: string;
  readonly audience: string;
  readonly keyring: Pick<Keyring, "current" | "refresh" | "onChange">;
  readonly clock: Clock;
}

export interface Verifier {
  readonly verify: (token: string) => Promise<Result<AccessToken, TokenRefusal>>;
  /** Looks at a client's tokens anew: they die with the client at once, here. */
  readonly forget: (clientId: string) => void;
}

/** How long an answer about a client is believed: a deleted client's tokens die this soon in every process. */
const BELIEVED: Micros = 3_000_000n;

/** Tokens remembered; beyond, those that were not used for longest go. */
const CAPACITY = 10_000;

interface Claims {
  readonly clientId: string;
  /** When the client was made, in seconds. */
  readonly clientIssuedAt: number;
  /** Null: the token leaves it to the client's scopes. */
  readonly scopes: ReadonlySet<string> | null;
  readonly expiresAt: Micros;
}

/** A token whose signature was found good. */
interface Entry {
  readonly claims: Claims;
  answer: Promise<Result<AccessToken, TokenRefusal>>;
  askedAt: Micros;
}

/** Verifies access tokens with our own keys. A token seen before costs a hash; the client is looked up every few seconds. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { db, clock } = options;
  const checkSignature = signatureChecker(options);
  /** By hash, so that no token lies about in memory; in order of use. */
  const entries = new Map<string, Entry>();

  /** An answer that failed is not kept. */
  function ask(hash: string, claims: Claims) {
    const answer = askAboutClient(db, claims);
    answer.catch(() => entries.delete(hash));
    return answer;
  }

  async function verify(token: string): Promise<Result<AccessToken, TokenRefusal>> {
    const hash = digest("sha256", token, "base64url");
    let entry = entries.get(hash);
    const now = clock();
    if (entry === undefined) {
      const claims = await checkSignature(token);
      if (!claims.ok) return claims;
      entry = { claims: claims.value, answer: ask(hash, claims.value), askedAt: now };
    } else if (entry.claims.expiresAt <= now) {
      entries.delete(hash);
      return fail({ kind: "token-expired" });
    } else if (now - entry.askedAt >= BELIEVED) {
      entry.answer = ask(hash, entry.claims);
      entry.askedAt = now;
    }
    entries.delete(hash);
    entries.set(hash, entry);
    if (entries.size > CAPACITY) dropOldest(entries);
    return entry.answer;
  }

  return {
    verify,
    forget(clientId) {
      for (const [hash, { claims }] of entries)
        if (claims.clientId === clientId) entries.delete(hash);
    },
  };
}

function dropOldest(entries: Map<string, Entry>): void {
  for (const hash of entries.keys()) {
    entries.delete(hash);
    return;
  }
}

async function askAboutClient(
  db: Db,
  { clientId, clientIssuedAt, scopes, expiresAt }: Claims,
): Promise<Result<AccessToken, TokenRefusal>> {
  const client = await findClient(db, clientId);
  const issuedAt = client && Number(client.createdAt / 1_000_000n);
  if (client === null || issuedAt !== clientIssuedAt)
    return fail({ kind: "client-deleted", clientId });
  const attached = client.scopes.length > 0 ? new Set(client.scopes) : null;
  return ok({ kind: "client", subject: clientId, clientId, scopes: scopes ?? attached, expiresAt });
}

function signatureChecker({ issuer, audience, keyring, clock }: VerifierOptions) {
  const publicKeys = () => createLocalJWKSet({ keys: keyring.current().signing.map(toPublic) });
  let findKey = publicKeys();
  keyring.onChange(() => {
    findKey = publicKeys();
  });
  return async (token: string): Promise<Result<Claims, TokenRefusal>> => {
    try {
      const { payload } = await jwtVerify(token, findKey, {
        algorithms: ["RS256"],
        typ: "at+jwt",
        issuer,
        audience,
        requiredClaims: ["exp", "iat", "jti", "sub", "client_id", "client_id_issued_at"],
        currentDate: new Date(Number(clock() / 1000n)),
      });
      return readClaims(payload);
    } catch (error) {
      if (error instanceof jose.JWTExpired) return fail({ kind: "token-expired" });
      if (error instanceof jose.JOSEError) return invalid(error.message);
      throw error;
    }
  };
}

function readClaims(payload: JWTPayload): Result<Claims, TokenRefusal> {
  const { sub, exp, scope, client_id: clientId, client_id_issued_at: clientIssuedAt } = payload;
  if (typeof clientId !== "string" || typeof clientIssuedAt !== "number" || exp === undefined) {
    return invalid("claims are missing");
  }
  if (sub !== clientId) return invalid("it is not a machine's");
  if (scope !== undefined && typeof scope !== "string") return invalid("its scope is not a text");
  return ok({
    clientId,
    clientIssuedAt,
    scopes: scope === undefined ? null : new Set(parseScopes(scope)),
    expiresAt: BigInt(exp) * 1_000_000n,
  });
}

const toPublic = ({ kty, kid, alg, use, n, e }: JWK): JWK => ({ kty, kid, alg, use, n, e }) as JWK;

const invalid = (detail: string) => fail({ kind: "token-invalid", detail });
