import { type DescMethod, getOption } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import { method as methodRule } from "../../gen/florin/rest/v1/options_pb.js";
import type { NoRoom } from "./doorErrors.js";

/** How whoever waits hears of a caller who leaves. */
export type OnLeft = (hear: () => void) => void;

/** Counts who is inside, and says who may come in. */
export interface Door {
  /**
   * Null when there is room for a call of `method`, that is for `ledger` if it is for one; what there is no room for waits a
   * moment, unless `onLeft` is null, and is then refused. Whoever leaves meanwhile is refused at once, and keeps no place.
   */
  admit(
    method: DescMethod,
    ledger: unknown,
    onLeft: OnLeft | null,
  ): NoRoom | null | Promise<NoRoom | null>;
  /** A call that was admitted comes in; what it answers is to be called when nothing is done for the call any more. */
  enter(method: DescMethod, ledger: unknown): () => void;
  /** Whether this turn of the event loop lets no more calls in; true counts as a refusal. */
  isLate(): boolean;
}

export interface DoorOptions {
  /** Whether no write to a ledger would be queued now. */
  readonly isFull: (ledger: string) => boolean;
  readonly logger: Logger;
  readonly mostCalls?: number;
  readonly mostStreams?: number;
  readonly mostWaiting?: number;
}

/**
 * Calls under way: writes to each ledger, and all others together. They take turns on a few connections to the database:
 * more of them would only wait, and hold memory that the garbage collector moves about.
 */
const MOST_CALLS = 500;

/** Streams are there to stay, and cost little while nothing happens. */
const MOST_STREAMS = 10_000;

/**
 * How long calls come in during one turn of the event loop. What a client has sent is read once in a turn: if turns get
 * longer, everybody waits unseen, in buffers of the system. A single large request may make a turn long: few calls do no harm.
 */
const TURN_MS = 500;
const FEW = 50;

/**
 * Calls that wait for room, and how long. Refused at once, clients that come again at once would leave no time for anything
 * but refusing them.
 */
const MOST_WAITING = 10_000;
export const WAIT_MS = 2_000;

/** A call that waits holds what it has sent. */
export const MAY_WAIT_BYTES = 16 * 1024;

/** The log is told of refusals together. */
const TELL_MS = 1_000;

/** Calls that take one another's room. */
interface Lane {
  inside: number;
  readonly most: number;
  /** What lets those in that wait, longest first. */
  readonly waiting: Set<() => void>;
}

export function createDoor(options: DoorOptions): Door {
  const { isFull, logger, mostCalls = MOST_CALLS, mostStreams = MOST_STREAMS } = options;
  const { mostWaiting = MOST_WAITING } = options;
  const streams: Lane = { inside: 0, most: mostStreams, waiting: new Set() };
  /** Of those who need no token: they take no room from others. */
  const openStreams: Lane = { inside: 0, most: mostStreams, waiting: new Set() };
  const others: Lane = { inside: 0, most: mostCalls, waiting: new Set() };
  /** Of the ledgers that are written to. */
  const writes = new Map<unknown, Lane>();
  let untold = 0;
  let inside = 0;
  let waiting = 0;
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

  function refuse(kind: NoRoom["kind"]): NoRoom {
    if (untold++ === 0) setTimeout(tell, TELL_MS).unref();
    return { kind };
  }

  function tell(): void {
    logger.warn({ refused: untold }, "there was no room for calls");
    untold = 0;
  }

  function laneOf(method: DescMethod, ledger: unknown): Lane {
    if (method.methodKind !== "unary") return scopeOf(method) === "" ? openStreams : streams;
    if (scopeOf(method) !== LEDGER_WRITE) return others;
    return writes.get(ledger) ?? { inside: 0, most: mostCalls, waiting: new Set() };
  }

  const isOfLedger = (lane: Lane): boolean => ![streams, openStreams, others].includes(lane);

  const hasRoom = (lane: Lane, ledger: unknown): boolean =>
    lane.inside < lane.most && !(isOfLedger(lane) && typeof ledger === "string" && isFull(ledger));

  /** A ledger's lane is known for as long as somebody is in it. */
  function keepOrForget(lane: Lane, ledger: unknown): void {
    if (!isOfLedger(lane)) return;
    if (lane.inside + lane.waiting.size > 0) writes.set(ledger, lane);
    else writes.delete(ledger);
  }

  interface Wait {
    readonly lane: Lane;
    readonly ledger: unknown;
    readonly kind: NoRoom["kind"];
    readonly onLeft: OnLeft;
  }

  /** Null as soon as somebody leaves and there is room, or else at the end of its time. */
  const waitFor = ({ lane, ledger, kind, onLeft }: Wait): Promise<NoRoom | null> =>
    new Promise((resolve) => {
      const end = (answer: NoRoom | null) => {
        clearTimeout(timer);
        waiting--;
        lane.waiting.delete(letIn);
        keepOrForget(lane, ledger);
        resolve(answer);
      };
      const letIn = () => end(null);
      const timer = setTimeout(() => end(hasRoom(lane, ledger) ? null : refuse(kind)), WAIT_MS);
      waiting++;
      lane.waiting.add(letIn);
      keepOrForget(lane, ledger);
      onLeft(() => {
        if (lane.waiting.has(letIn)) end({ kind });
      });
    });

  return {
    isLate() {
      const isRefused = isLate();
      if (isRefused) refuse("server-full");
      return isRefused;
    },
    admit(method, ledger, onLeft) {
      if (isAlwaysOpen(method)) return null;
      if (method.methodKind === "unary" && isLate()) return refuse("server-full");
      const lane = laneOf(method, ledger);
      if (hasRoom(lane, ledger)) return null;
      const kind = isOfLedger(lane) ? "queue-full" : "server-full";
      const mayWait = onLeft !== null && lane !== openStreams && waiting < mostWaiting;
      if (!mayWait) return refuse(kind);
      return waitFor({ lane, ledger, kind, onLeft });
    },
    enter(method, ledger) {
      if (isAlwaysOpen(method)) return nothing;
      const lane = laneOf(method, ledger);
      inside++;
      lane.inside++;
      keepOrForget(lane, ledger);
      return once(() => {
        inside--;
        lane.inside--;
        const [letNextIn] = lane.waiting;
        if (letNextIn && hasRoom(lane, ledger)) letNextIn();
        keepOrForget(lane, ledger);
      });
    },
  };
}

/** Health, which carries no options of ours, is always told; but whoever watches it stays, as do streams of reflection. */
const isAlwaysOpen = (method: DescMethod): boolean =>
  method.methodKind === "unary" && scopeOf(method) === "";

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
