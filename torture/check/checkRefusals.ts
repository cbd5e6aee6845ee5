import { type Attribution, isAcknowledged, type Request } from "./attribute.js";
import { createModel } from "./model.js";
import type { Moments } from "./moments.js";
import type { Replay } from "./replay.js";
import type { StoredLedger } from "./state.js";
import { type Violation, violation } from "./violation.js";

/**
 * What was refused was to be refused at some moment between question and answer; what a preview said was so at such a
 * moment; and what is stored was not to be refused.
 */
export function* checkRefusals(
  ledger: StoredLedger,
  found: Attribution,
  replayed: Replay,
  momentsOf: Moments,
): Iterable<Violation> {
  const { name } = ledger;
  const refuse = createModel(ledger, found, replayed);
  const next = nextTransactions(ledger);
  for (const request of found.requests) {
    for (const attempt of request.attempts) {
      const { refusal, dryRun, answer, marker } = attempt.what;
      const isSo = (holds: (count: number) => boolean): boolean => {
        for (const count of momentsOf(attempt)) if (holds(count)) return true;
        return false;
      };
      if (refusal !== undefined && !isSo((count) => refuse(request, count) === refusal)) {
        const detail = `${name}: ${marker} was refused, and there was no such reason: ${refusal}`;
        yield violation("refusal", detail, [attempt]);
      }
      if (!dryRun || answer === undefined) continue;
      const [first] = answer.transactionIds;
      if (!isSo((count) => refuse(request, count) === null && String(next[count]) === first)) {
        const detail = `${name}: ${marker} could not have become transaction ${first}`;
        yield violation("preview", detail, [attempt]);
      }
    }
    yield* checkStored(request);
  }

  /** Overdrafts and keys are judged elsewhere, whoever asked for them. */
  function* checkStored(request: Request): Iterable<Violation> {
    const [first] = request.logs;
    const reason = first === undefined ? null : refuse(request, first);
    if (reason !== "reference taken" && reason !== "already reverted") return;
    const told = request.attempts.filter(isAcknowledged);
    yield violation("once only", `${name}: log ${first} is stored in spite of: ${reason}`, told);
  }
}

/** By how many logs there are, the number of the next transaction. */
function nextTransactions({ logs }: StoredLedger): number[] {
  let next = 0;
  return [0, ...logs.map(({ type }) => (type === "transaction" ? ++next : next))];
}
