import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { Logger } from "pino";
import { method as methodRule } from "../../gen/florin/rest/v1/options_pb.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { ErrorTable } from "./unwrap.js";

/** Why there is no room for a call. Nothing was done for it. */
export type NoRoom = { readonly kind: "queue-full" } | { readonly kind: "server-full" };

/** Counts who is inside, and says who may come in. */
export interface Door {
  /** Why a call of `method`, that is for `ledger` if it is for one, would not be let in now; null if it would. */
  refusalOf(method: DescMethod, ledger: unknown): NoRoom | null;
  /** Lets a call in; what it answers is to be called when nothing is done for the call any more. */
  enter(method: DescMethod, ledger: unknown): Result<() => void, NoRoom>;
  /** Whether this turn of the event loop lets no more calls in; true counts as a refusal. */
  isLate(): boolean;
}

export interface DoorOptions {
  /** Whether no write to a ledger would be queued now. */
  readonly isFull: (ledger: string) => boolean;
  readonly logger: Logger;
  readonly mostCalls?: number;
  readonly mostStreams?: number;
}

/**
 * Calls under way, but for writes to ledgers, which have queues of their own. They take turns on a few connections to the
 * database: more of them would only wait, and hold memory.
 */
const MOST_CALLS = 1_000;

/** Streams are there to stay, and cost little while nothing happens. */
const MOST_STREAMS = 10_000;

/**
 * How long calls come in during one turn of the event loop. What a client has sent is read once in a turn: if turns get
 * longer, everybody waits unseen, in buffers of the system. A single large request may make a turn long: few calls do no harm.
 */
const TURN_MS = 500;
const FEW = 50;

/** The log is told of refusals together. */
const TELL_MS = 1_000;

export function createDoor(options: DoorOptions): Door {
  const { isFull, logger, mostCalls = MOST_CALLS, mostStreams = MOST_STREAMS } = options;
  const lanes = {
    unary: { inside: 0, most: mostCalls },
    stream: { inside: 0, most: mostStreams },
  };
  let untold = 0;
  let inside = 0;
  /** When the present turn of the event loop let its first call in; null before that. */
  let turnSince: number | null = null;

  /** Whether this turn has lasted so long that whoever still comes in it has waited, and would have to wait again. */
  function isLate(): boolean {
    if (turnSince === null) {
      turnSince = performance.now();
      setImmediate(() => {
        turnSince = null;
      });
    }
    return inside > FEW && performance.now() - turnSince > TURN_MS;
  }

  function refuse(failure: NoRoom): NoRoom {
    if (untold++ === 0) setTimeout(tell, TELL_MS).unref();
    return failure;
  }

  function tell(): void {
    logger.warn({ refused: untold }, "there was no room for calls");
    untold = 0;
  }

  /** Where calls of `method` are counted; null for writes to ledgers. */
  const laneOf = (method: DescMethod) => {
    if (method.methodKind !== "unary") return lanes.stream;
    return scopeOf(method) === LEDGER_WRITE ? null : lanes.unary;
  };

  function refusalOf(method: DescMethod, ledger: unknown): NoRoom | null {
    if (isAlwaysOpen(method)) return null;
    if (method.methodKind === "unary" && isLate()) return refuse({ kind: "server-full" });
    const lane = laneOf(method);
    if (lane !== null) return lane.inside < lane.most ? null : refuse({ kind: "server-full" });
    const isRefused = typeof ledger === "string" && isFull(ledger);
    return isRefused ? refuse({ kind: "queue-full" }) : null;
  }

  return {
    isLate() {
      const isRefused = isLate();
      if (isRefused) refuse({ kind: "server-full" });
      return isRefused;
    },
    refusalOf,
    enter(method, ledger) {
      const refusal = refusalOf(method, ledger);
      if (refusal !== null) return fail(refusal);
      if (isAlwaysOpen(method)) return ok(nothing);
      const lane = laneOf(method);
      inside++;
      if (lane) lane.inside++;
      return ok(
        once(() => {
          inside--;
          if (lane) lane.inside--;
        }),
      );
    },
  };
}

/** Health and reflection, which carry no options of ours, are always answered. */
const isAlwaysOpen = (method: DescMethod): boolean => scopeOf(method) === "";

const LEDGER_WRITE = "ledger:write";

const scopes = new WeakMap<DescMethod, string>();

/** Options are read out of bytes, every time they are asked for. */
function scopeOf(method: DescMethod): string {
  let scope = scopes.get(method);
  if (scope === undefined) {
    scope = getOption(method, methodRule).scope;
    scopes.set(method, scope);
  }
  return scope;
}

const nothing = (): void => {};

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

const busy = {
  code: Code.ResourceExhausted,
  errorCode: "INTERNAL",
  httpStatus: 503,
  headers: () => ({ "Retry-After": "1" }),
} as const;

export const doorErrors: ErrorTable<NoRoom> = {
  "queue-full": {
    ...busy,
    message: () => "too many writes wait for this ledger: try again later",
  },
  "server-full": { ...busy, message: () => "too many calls are under way: try again later" },
};
