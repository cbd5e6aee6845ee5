import type { Effect, Posting, Refusal } from "../history.js";
import { type Attribution, REVERTED, type Request } from "./attribute.js";
import { mirror, revertReference } from "./mirror.js";
import { changesOf, type Replay, volumeAt } from "./replay.js";
import type { StoredLedger, Volume } from "./state.js";

/** Why a ledger that has its first `count` logs refuses `request`; null if it has no reason to. */
export type Model = (request: Request, count: number) => Refusal | null;

export function createModel(
  { logs }: StoredLedger,
  { requests, transactions }: Attribution,
  { history }: Replay,
): Model {
  const references = new Map<string, number>();
  const marks = new Map<string, number>();
  for (const [position, log] of logs.entries()) {
    if (log.type === "transaction") {
      if (log.reference !== null && !references.has(log.reference))
        references.set(log.reference, position);
    } else if (REVERTED in log.metadata && !marks.has(log.target)) marks.set(log.target, position);
  }
  const keys = new Map<string, Request>();
  for (const request of requests) {
    const key = keyOf(request);
    const known = key === undefined ? undefined : keys.get(key);
    if (key !== undefined && firstOf(request) < firstOf(known)) keys.set(key, request);
  }

  return (request, count) => {
    const is = (position: number | undefined) => position !== undefined && position < count;
    const keyed = keys.get(keyOf(request) ?? "");
    if (keyed && is(firstOf(keyed))) return keyed === request ? null : "key reused";

    const changed = new Map<string, Volume>();
    const taken = new Set<string>();
    const volumeOf = (key: string): Volume =>
      changed.get(key) ?? volumeAt(history.get(key) ?? [], count);

    function transact(
      postings: readonly Posting[],
      reference: string | null,
      overdrafts: readonly string[],
    ): Refusal | null {
      if (reference !== null && (taken.has(reference) || is(references.get(reference)))) {
        return "reference taken";
      }
      const changes = changesOf(postings, volumeOf);
      for (const { key, before, after } of changes) {
        const [account = ""] = key.split(" ");
        if (account === "world" || overdrafts.includes(account)) continue;
        if (balance(after) < balance(before) && balance(after) < 0n) return "insufficient funds";
      }
      for (const { key, after } of changes) changed.set(key, after);
      if (reference !== null) taken.add(reference);
      return null;
    }

    function refuse(effect: Effect): Refusal | null {
      if (effect.type === "transaction") {
        return transact(effect.postings, effect.reference ?? null, effect.overdrafts ?? []);
      }
      const id = effect.type === "revert" ? effect.transactionId : txidOf(effect.target);
      if (id === undefined) return null;
      const position = transactions.get(id);
      const log = logs[position ?? -1];
      if (!is(position) || log?.type !== "transaction") return "not found";
      if (effect.type !== "revert") return null;
      if (is(marks.get(`tx:${id}`))) return "already reverted";
      return transact(mirror(log.postings), revertReference(log.reference), []);
    }

    for (const effect of request.effects) {
      const refusal = refuse(effect);
      if (refusal !== null) return refusal;
    }
    return null;
  };
}

const keyOf = ({ attempts: [{ what }] }: Request): string | undefined => what.idempotencyKey;

const firstOf = (request: Request | undefined): number => request?.logs[0] ?? Infinity;

const txidOf = (target: string): string | undefined => /^tx:(\d+)$/.exec(target)?.[1];

const balance = ({ input, output }: Volume): bigint => input - output;
