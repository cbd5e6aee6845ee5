import type { Effect, Json, JsonObject, Operation, Write } from "../history.js";
import type { StoredLedger, TransactionLog } from "./state.js";

export type Attempt = Operation & { readonly what: Write };

/** A write, as often as it was sent. */
export interface Request {
  readonly attempts: readonly [Attempt, ...Attempt[]];
  readonly effects: readonly Effect[];
  /** Where each effect is stored: positions of logs. */
  readonly places: readonly number[][];
  /** The positions of all its logs, ascending. */
  readonly logs: number[];
}

/** Who wrote what is stored in a ledger. */
export interface Attribution {
  readonly requests: readonly Request[];
  /** By position; undefined where nobody asked for the log. */
  readonly owners: readonly (Request | undefined)[];
  /** Position of each transaction, by its number. */
  readonly transactions: ReadonlyMap<string, number>;
}

export const REVERTED = "com.numary.spec/state/reverted";
const REVERTS = "com.numary.spec/state/reverts";

/** Finds the write of each log by what only that write carries. */
export function attribute(ledger: StoredLedger, attempts: readonly Attempt[]): Attribution {
  const requests = group(attempts.toSorted((a, b) => a.begin - b.begin));
  const finder = createFinder(requests, ledger);
  const owners: (Request | undefined)[] = [];
  const transactions = new Map<string, number>();
  let marked: Request | undefined;
  for (const [position, log] of ledger.logs.entries()) {
    let found: Found | undefined;
    if (log.type === "transaction") found = finder.transaction(log);
    else if (marked && isMark(log.target, log.metadata, marked))
      found = { request: marked, effects: [] };
    else found = finder.metadata(log.target, log.metadata);
    marked = log.type === "transaction" && REVERTS in log.metadata ? found?.request : undefined;
    if (log.type === "transaction") transactions.set(String(log.txid), position);
    owners.push(found?.request);
    found?.request.logs.push(position);
    for (const effect of found?.effects ?? []) found?.request.places[effect]?.push(position);
  }
  return { requests, owners, transactions };
}

function group(attempts: readonly Attempt[]): Request[] {
  const byMarker = new Map<string, [Attempt, ...Attempt[]]>();
  for (const attempt of attempts) {
    const known = byMarker.get(attempt.what.marker);
    if (known) known.push(attempt);
    else byMarker.set(attempt.what.marker, [attempt]);
  }
  return [...byMarker.values()].map((all) => {
    const { effects } = all[0].what;
    return { attempts: all, effects, places: effects.map(() => []), logs: [] };
  });
}

interface Found {
  readonly request: Request;
  /** Indexes of the effects that the log has. */
  readonly effects: readonly number[];
}

function createFinder(requests: readonly Request[], { keys }: StoredLedger) {
  const transactions = new Map<string, Found>();
  const values = new Map<string, Found>();
  const reverts = new Map<string, Request[]>();
  const keyOf = new Map(keys.map(({ key, first }) => [first, key]));
  for (const request of requests) {
    for (const [index, effect] of request.effects.entries()) {
      const found = { request, effects: [index] };
      if (effect.type === "transaction") transactions.set(effect.marker, found);
      else if (effect.type === "setMetadata")
        values.set(`${effect.target} ${effect.key} ${effect.value}`, found);
      else
        reverts.set(effect.transactionId, [...(reverts.get(effect.transactionId) ?? []), request]);
    }
  }

  /** Several writes may ask for the same revert; one of them did it. */
  function revert({ txid, id }: TransactionLog, reverted: string): Found | undefined {
    const all = reverts.get(reverted) ?? [];
    // Whose key stands for the log; or who sent none, if no key does.
    const keyed = all.filter(({ attempts: [{ what }] }) => what.idempotencyKey === keyOf.get(id));
    const candidates = keyed.length > 0 ? keyed : all;
    const request =
      candidates.find(({ attempts }) => attempts.some((each) => isAnswered(each, txid))) ??
      candidates.find(
        ({ attempts }) => attempts.some(couldWrite) && !attempts.some(isAcknowledged),
      ) ??
      candidates.find(({ attempts }) => attempts.some(isAcknowledged)) ??
      candidates[0];
    return request && { request, effects: [0] };
  }

  return {
    transaction(log: TransactionLog): Found | undefined {
      const reverted = log.metadata[REVERTS];
      if (reverted !== undefined) return revert(log, textOf(reverted));
      return transactions.get(textOf(log.metadata["torture"]));
    },
    metadata(target: string, metadata: JsonObject): Found | undefined {
      const all = Object.entries(metadata).map(([key, value]) =>
        values.get(`${target} ${key} ${textOf(value)}`),
      );
      const request = all[0]?.request;
      if (!request || all.some((each) => each?.request !== request)) return undefined;
      return { request, effects: all.flatMap((each) => each?.effects ?? []) };
    },
  };
}

/** Scripts store text with its type. */
const textOf = (value: Json | undefined): string =>
  String(typeof value === "object" && value !== null && "value" in value ? value["value"] : value);

const isMark = (target: string, metadata: JsonObject, { effects }: Request): boolean =>
  REVERTED in metadata &&
  effects.some((each) => each.type === "revert" && target === `tx:${each.transactionId}`);

const isAnswered = (attempt: Attempt, txid: bigint): boolean =>
  isAcknowledged(attempt) && attempt.what.answer?.transactionIds[0] === String(txid);

/** Whether its client was told that it is written. */
export const isAcknowledged = ({ outcome, what }: Attempt): boolean =>
  outcome === "ok" && !what.dryRun;

/** Whether nothing that its client was told rules out that it wrote. */
export const couldWrite = ({ outcome, what }: Attempt): boolean =>
  outcome !== "refused" && !what.dryRun;
