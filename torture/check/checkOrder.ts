import type { Operation } from "../history.js";
import { type Attribution, couldWrite, isAcknowledged } from "./attribute.js";
import { type Violation, violation } from "./violation.js";

/** That a ledger had at least `least` logs when `operation` ended, and at most `most` when it began. */
export interface Bounds {
  readonly operation: Operation;
  readonly least: number;
  readonly most: number;
}

/**
 * A ledger only ever grows, so an operation that ended before another began proves that the other found at least as many
 * logs. The log is a total order; so this is linearizability, and exact: if no two operations contradict each other, a
 * ledger that grows request by request explains all of them.
 */
export function* checkOrder(name: string, all: Iterable<Bounds>): Iterable<Violation> {
  const begins: Bounds[] = [];
  const ends: Bounds[] = [];
  for (const bounds of all) {
    begins.push(bounds);
    if (bounds.operation.end < Infinity) ends.push(bounds);
  }
  begins.sort((a, b) => a.operation.begin - b.operation.begin);
  ends.sort((a, b) => a.operation.end - b.operation.end);
  let next = 0;
  let best: Bounds | undefined;
  for (const { operation, most } of begins) {
    // Those that touch may have overlapped.
    for (let end = ends[next]; end && end.operation.end < operation.begin; end = ends[++next]) {
      if (end.least > (best?.least ?? 0)) best = end;
    }
    if (best === undefined || best.least <= most) continue;
    const [earlier, later] = [best.operation, operation];
    yield violation(
      "order in time",
      `${name}: ${later.what.kind} ${later.id} has at most ${most} logs, and began after ${earlier.what.kind} ${earlier.id} had ${best.least}`,
      [earlier, later],
    );
  }
}

/** What the writes of a ledger prove. */
export function* boundsOfWrites({ requests }: Attribution, size: number): Iterable<Bounds> {
  for (const { attempts, logs } of requests) {
    const [first, last] = [logs[0], logs.at(-1)];
    if (first === undefined || last === undefined) continue;
    for (const operation of attempts.filter(isAcknowledged)) {
      yield { operation, least: last + 1, most: size };
    }
    const executed = attempts.find(
      (each) => isAcknowledged(each) && each.what.answer?.hit === false,
    );
    const operation = executed ?? earliest(attempts.filter(couldWrite));
    if (operation) yield { operation, least: 0, most: first };
  }
}

const earliest = <T extends Operation>(operations: readonly T[]): T | undefined =>
  operations.reduce<T | undefined>(
    (first, each) => (first && first.begin <= each.begin ? first : each),
    undefined,
  );
