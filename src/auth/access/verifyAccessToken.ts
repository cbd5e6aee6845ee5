import { hash as digest } from "node:crypto";
import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { Clock, Micros } from "../../lib/time.js";
import { together } from "../../lib/together.js";
import {
  type AccessToken,
  issuedAt,
  scopesNow,
  type TokenClaims,
  type TokenIdentity,
  type TokenRefusal,
} from "../domain/accessToken.js";
import { findTokenStates, type TokenState } from "../store/tokenState.js";
import { type SignatureOptions, signatureChecker } from "./checkSignature.js";
import { readClaims } from "./readClaims.js";

export interface VerifierOptions extends SignatureOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Whether a machine whose client has no scope may do nothing, instead of everything. */
  readonly isStrict: boolean;
}

export interface Verifier {
  /** Who bears a token. Throws while the database is away, unless the token was looked up a moment ago. */
  readonly verify: (token: string) => Promise<Verdict>;
  /** Looks anew at the tokens that are meant, and so do streams that run on them: for whoever has killed tokens, after the commit. */
  readonly forget: (isMeant: (token: TokenIdentity) => boolean) => void;
  /** Calls `listener` whenever `token` is forgotten; answers how to stop that. */
  readonly onForget: (token: TokenIdentity, listener: () => void) => () => void;
}

type Verdict = Result<AccessToken, TokenRefusal>;

/** How long an answer is believed: a token that died dies this soon in every process. */
const BELIEVED: Micros = 2_000_000n;

/** Tokens remembered; beyond, those that were not used for longest go. */
const CAPACITY = 10_000;

/** Tokens that one query asks about. */
const MOST_AT_ONCE = 500;

/** After which the connection that was asked may be one that is silent, and another one is asked. It takes a few. */
const LATE_MS = 500;

/** A token whose signature was found good. */
interface Entry {
  readonly claims: TokenClaims;
  readonly verdict: Verdict;
  readonly askedAt: Micros;
}

/** Verifies access tokens with our own keys. A token seen before costs a hash; the database is asked about it every few seconds. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { db, keyring, clock, isStrict } = options;
  const checkSignature = signatureChecker(options);
  const findState = together((tokens: readonly TokenIdentity[]) => findTokenStates(db, tokens), {
    most: MOST_AT_ONCE,
    lateMs: LATE_MS,
  });
  /** By hash, so that no token lies about in memory; in order of use. */
  const entries = new Map<string, Entry>();
  /** By hash: whoever shows a token while it is being looked up waits for the same answer. */
  const looks = new Map<string, Promise<Verdict>>();
  const listeners = new Map<() => void, TokenIdentity>();

  async function verify(token: string): Promise<Verdict> {
    const hash = digest("sha256", token, "base64url");
    const entry = entries.get(hash);
    if (entry === undefined) return lookOnce(hash, () => claimsOf(token));
    const now = clock();
    if (entry.claims.expiresAt <= now) {
      entries.delete(hash);
      return fail({ kind: "token-expired" });
    }
    const age = now - entry.askedAt;
    // A clock that was set back makes no answer young.
    if (age < 0n || age >= BELIEVED) return lookOnce(hash, async () => ok(entry.claims));
    remember(hash, entry);
    return entry.verdict;
  }

  function lookOnce(hash: string, findClaims: () => ReturnType<typeof claimsOf>) {
    const running = looks.get(hash);
    if (running !== undefined) return running;
    const look = lookAt();
    looks.set(hash, look);
    return look;

    async function lookAt(): Promise<Verdict> {
      const askedAt = clock();
      try {
        const claims = await findClaims();
        if (!claims.ok) return claims;
        const verdict = judge(claims.value, await findState(claims.value), isStrict);
        // Otherwise the token was forgotten meanwhile, and this answer may be from before.
        if (looks.get(hash) === look) remember(hash, { claims: claims.value, verdict, askedAt });
        return verdict;
      } finally {
        if (looks.get(hash) === look) looks.delete(hash);
      }
    }
  }

  async function claimsOf(token: string): Promise<Result<TokenClaims, TokenRefusal>> {
    const payload = await checkSignature(token);
    return payload.ok ? readClaims(payload.value) : payload;
  }

  function remember(hash: string, entry: Entry): void {
    entries.delete(hash);
    entries.set(hash, entry);
    if (entries.size > CAPACITY) dropOldest(entries);
  }

  function forget(isMeant: (token: TokenIdentity) => boolean): void {
    for (const [hash, { claims }] of entries) if (isMeant(claims)) entries.delete(hash);
    looks.clear();
    for (const [listener, token] of listeners) if (isMeant(token)) listener();
  }

  // What a key has signed that is gone is good no longer.
  keyring.onChange(() => forget(() => true));

  return {
    verify,
    forget,
    onForget(token, listener) {
      listeners.set(listener, token);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether a token lives, and what it may do, as the database has it. */
function judge(claims: TokenClaims, state: TokenState | null, isStrict: boolean): Verdict {
  const { clientIssuedAt, ...token } = claims;
  if (state === null || issuedAt(state.clientCreatedAt) !== clientIssuedAt) {
    return fail({ kind: "client-deleted", clientId: token.clientId });
  }
  // A client that has become public cannot prove that it is the machine the token was made for.
  const hasCause = token.kind === "client" ? !state.isPublic : state.hasGrant;
  if (state.isRevoked || !hasCause) return fail({ kind: "token-revoked" });
  return ok({ ...token, scopes: scopesNow(token, state.attached, isStrict) });
}

function dropOldest(entries: Map<string, Entry>): void {
  for (const hash of entries.keys()) {
    entries.delete(hash);
    return;
  }
}
