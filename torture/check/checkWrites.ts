import type { Effect, Posting } from "../history.js";
import {
  type Attribution,
  couldWrite,
  isAcknowledged,
  REVERTED,
  type Request,
} from "./attribute.js";
import { canonical } from "./canonical.js";
import { mirror, revertReference } from "./mirror.js";
import { printStored } from "./printStored.js";
import type { StoredLedger, StoredLog, TransactionLog } from "./state.js";
import { type Violation, violation } from "./violation.js";

/** Acknowledged writes are stored once, refused ones not at all, the others wholly or not at all; as they were asked. */
export function* checkWrites(ledger: StoredLedger, found: Attribution): Iterable<Violation> {
  const { name, logs } = ledger;
  for (const [position, owner] of found.owners.entries()) {
    if (owner === undefined) {
      yield violation("invented log", `${name}: nobody asked for log ${logs[position]?.id}`);
    }
  }
  for (const request of found.requests) {
    yield* checkExtent(ledger, request);
    if (request.logs.length === 0) continue;
    yield* checkContent(ledger, found, request);
    yield* checkAnswers(ledger, request);
  }
}

const marker = ({ attempts: [{ what }] }: Request): string => what.marker;

function* checkExtent({ name }: StoredLedger, request: Request): Iterable<Violation> {
  const { attempts, places, logs } = request;
  const isStored = logs.length > 0;
  const acknowledged = attempts.filter(isAcknowledged);
  if (!isStored && acknowledged.length > 0) {
    yield violation("lost write", `${name}: ${marker(request)} is not stored`, acknowledged);
  }
  if (isStored && !attempts.some(couldWrite)) {
    yield violation("refused write", `${name}: ${marker(request)} is stored`, attempts);
  }
  if (places.some((all) => all.length > 1)) {
    yield violation("exactly once", `${name}: ${marker(request)} is stored twice`, attempts);
  }
  if (isStored && places.some((all) => all.length === 0)) {
    yield violation("all or nothing", `${name}: ${marker(request)} is stored in part`, attempts);
  }
  const [first = 0, last = -1] = [logs[0], logs.at(-1)];
  if (isStored && last - first + 1 !== logs.length) {
    yield violation(
      "all or nothing",
      `${name}: logs of others are among ${marker(request)}`,
      attempts,
    );
  }
}

function* checkContent(
  { name, logs }: StoredLedger,
  { transactions }: Attribution,
  request: Request,
): Iterable<Violation> {
  for (const [index, effect] of request.effects.entries()) {
    const place = request.places[index]?.[0] ?? -1;
    const log = logs[place];
    const problem = log && differenceOf(effect, log);
    if (problem) yield wrong(log, problem);
    if (effect.type !== "revert" || log?.type !== "transaction") continue;
    const original = logs[transactions.get(effect.transactionId) ?? -1];
    if (original?.type !== "transaction" || !isMirror(original, log)) {
      yield wrong(log, `it is no mirror image of transaction ${effect.transactionId}`);
    }
    const mark = logs[place + 1]?.metadata[REVERTED];
    if (canonical(mark ?? null) !== `{"by":"${log.txid}"}` || !request.logs.includes(place + 1)) {
      yield wrong(log, "no mark on the original follows");
    }
  }

  function wrong({ id }: StoredLog, problem: string): Violation {
    return violation("stored as asked", `${name}: log ${id}: ${problem}`, request.attempts);
  }
}

/** What is stored otherwise than `effect` has it. Metadata was found by all that it says. */
function differenceOf(effect: Effect, log: StoredLog): string | null {
  if (effect.type !== "transaction" || log.type !== "transaction") return null;
  if (textOf(effect.postings) !== textOf(log.postings)) return "its postings differ";
  return (effect.reference ?? null) === log.reference ? null : "its reference differs";
}

const isMirror = (original: TransactionLog, log: TransactionLog): boolean =>
  textOf(mirror(original.postings)) === textOf(log.postings) &&
  revertReference(original.reference) === log.reference;

const textOf = (postings: readonly Posting[]): string =>
  postings
    .map(({ source, destination, asset, amount }) => `${source} ${destination} ${asset} ${amount}`)
    .join();

/** Every attempt was told of the same transactions, those stored; at most one was told that it was the first. */
function* checkAnswers(
  { name, logs }: StoredLedger,
  { attempts, effects, places }: Request,
): Iterable<Violation> {
  const stored = effects.flatMap((effect, index) => {
    const log = logs[places[index]?.[0] ?? -1];
    return effect.type !== "setMetadata" && log?.type === "transaction" ? [log] : [];
  });
  const ids = stored.map(({ txid }) => txid).join();
  const printed = stored.map(printStored).join("\n");
  const answered = attempts.filter(isAcknowledged);
  for (const attempt of answered) {
    const told = attempt.what.answer?.transactionIds.join();
    if (told !== ids) {
      yield violation("answer", `${name}: stored are ${ids}, answered were ${told}`, [attempt]);
    }
    const shown = attempt.what.answer?.shown?.join("\n");
    if (shown === undefined || shown === printed) continue;
    yield violation("answer", `${name}: stored is ${printed}, shown was ${shown}`, [attempt]);
  }
  const firsts = answered.filter(({ what }) => what.answer?.hit === false);
  if (firsts.length > 1) {
    yield violation("idempotent repeat", `${name}: executed more than once`, firsts);
  }
  const [hit] = answered.filter(({ what }) => what.answer?.hit);
  if (hit && !attempts.some((each) => each !== hit && couldWrite(each) && each.begin < hit.end)) {
    yield violation("idempotent repeat", `${name}: called a repeat, but there was no first`, [hit]);
  }
}
