import type { Clock, Micros } from "../../lib/time.js";
import { createMemory } from "./memory.js";
import { createMeter, type Limit } from "./meter.js";
import { networkOf } from "./networkOf.js";

/** Who calls, by their own word: nothing is proved yet. */
export interface Caller {
  /** Null: they name no client. */
  readonly clientId: string | null;
  readonly address: string;
}

/** Why a caller has to wait. */
export interface Hold {
  readonly retryAfter: Micros;
  /** Whether whoever is held back is told so for the first time in a while. */
  readonly isNew: boolean;
}

export interface Brakes {
  /** Whom the limits of a single caller hold back: this client from this network. */
  keyOf(caller: Caller): string;
  /** How many guesses at a secret whoever has this key is still allowed. */
  guessesLeft(key: string): number;
  /** Whom the limit of all callers from one network holds back; null for a client that has proved itself. */
  sharedKeyOf(caller: Caller): string | null;
  /** How many guesses whoever shares this key is still allowed. */
  sharedGuessesLeft(sharedKey: string): number;
  /** Counts one more token that is asked for. */
  countToken(caller: Caller): void;
  /** Null: go on. */
  holdOf(caller: Caller): Hold | null;
  /** Takes note of how an attempt ended: the OAuth error that it was refused with, or null. */
  noteEnd(caller: Caller, error: string | null): void;
}

const MINUTE: Micros = 60_000_000n;

/** Tokens of one client from one network: a signature costs a millisecond of a processor. */
const TOKENS: Limit = { points: 300, window: 10_000_000n };

/** Points of a wrong secret. */
const GUESS = 10;

/** Failures of one client from one network: ten guesses. */
const FAILURES: Limit = { points: 10 * GUESS, window: MINUTE };

/** Failures of all clients from one network: a hundred guesses of somebody who tries many ids. */
const NETWORK_FAILURES: Limit = { points: 100 * GUESS, window: MINUTE };

/**
 * Points of a failure. A secret may have been chosen by a person; codes and refresh tokens are long and random, and a
 * whole office may come back from its holidays with expired ones.
 */
const POINTS: Readonly<Record<string, number>> = {
  invalid_client: GUESS,
  unauthorized_client: GUESS,
  invalid_grant: 1,
};

/**
 * How long a client that proved itself is spared what its neighbours do, behind the same address: longer than a token
 * lives, so that it is spared when it comes for the next one.
 */
const PROVED_FOR: Micros = 120n * MINUTE;

/**
 * Holds back who guesses at secrets, or asks for too many tokens. Kept in this process alone: of several, each allows as
 * much. While a caller is held back nothing is looked at, so that a right guess among wrong ones is not noticed.
 */
export function createBrakes(clock: Clock): Brakes {
  const tokens = createMeter(TOKENS, clock);
  const failures = createMeter(FAILURES, clock);
  const networkFailures = createMeter(NETWORK_FAILURES, clock);
  const proved = createMemory<true>(PROVED_FOR, clock);
  const told = createMemory<true>(MINUTE, clock);
  const sharedKeyOf = (caller: Caller) =>
    proved.find(keyOf(caller)) ? null : networkOf(caller.address);
  return {
    keyOf,
    guessesLeft: (key) => Math.ceil(failures.leftOf(key) / GUESS),
    sharedKeyOf,
    sharedGuessesLeft: (sharedKey) => Math.ceil(networkFailures.leftOf(sharedKey) / GUESS),
    countToken: (caller) => tokens.add(keyOf(caller), 1),
    holdOf(caller) {
      const key = keyOf(caller);
      const sharedKey = sharedKeyOf(caller);
      const own = longest(tokens.heldFor(key), failures.heldFor(key));
      const [held, retryAfter] =
        own > 0n || sharedKey === null
          ? [key, own]
          : [sharedKey, networkFailures.heldFor(sharedKey)];
      if (retryAfter === 0n) return null;
      const isNew = told.find(held) === undefined;
      if (isNew) told.put(held, true);
      return { retryAfter, isNew };
    },
    noteEnd(caller, error) {
      const key = keyOf(caller);
      if (error === null) proved.put(key, true);
      const points = POINTS[error ?? ""];
      if (points === undefined) return;
      failures.add(key, points);
      networkFailures.add(networkOf(caller.address), points);
    },
  };
}

/** No client has a longer id. */
const LONGEST_ID = 255;

const keyOf = ({ clientId, address }: Caller) =>
  `${networkOf(address)} ${clientId?.slice(0, LONGEST_ID) ?? ""}`;

const longest = (one: Micros, other: Micros): Micros => (one > other ? one : other);
