import { fail, ok, type Result } from "../../lib/result.js";
import type { Request } from "./command.js";
import type { Terms } from "./create.js";
import { decide } from "./decide.js";
import type { Refusal } from "./failure.js";
import type { Entry } from "./log.js";
import { append, type State } from "./state.js";

/** What a request led to. */
export interface Receipt {
  readonly entries: readonly Entry[];
  /** Whether this is the answer to an earlier request with the same idempotency key. */
  readonly isReplay: boolean;
}

/**
 * Answers one request against `state` and writes it there, unless it is refused, repeated or a preview. Only what was
 * written is kept under its idempotency key.
 */
export function execute(state: State, request: Request, terms: Terms): Result<Receipt, Refusal> {
  const { command, isPreview, idempotency, actor } = request;
  const answer = idempotency && state.answers.get(idempotency.key);
  if (idempotency && answer) {
    if (answer.requestHash !== idempotency.requestHash) {
      return fail({ kind: "idempotency-key-reused", key: idempotency.key });
    }
    return ok({ entries: answer.entries, isReplay: true });
  }
  const decision = decide(state, command, terms);
  if (!decision.ok) return decision;
  const entries = decision.value;
  if (!isPreview) {
    const firstLogId = state.head.nextLogId;
    append(state, entries, actor);
    if (idempotency) state.answers.set(idempotency.key, { ...idempotency, entries, firstLogId });
  }
  return ok({ entries, isReplay: false });
}
