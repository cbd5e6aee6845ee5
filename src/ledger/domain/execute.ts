import { fail, ok, type Result } from "../../lib/result.js";
import type { Request } from "./command.js";
import type { Terms } from "./create.js";
import { decide, type Unloaded } from "./decide.js";
import { eventsOf } from "./eventsOf.js";
import type { Refusal } from "./failure.js";
import type { Entry } from "./log.js";
import { append, record, type State, updateMapping } from "./state.js";

/** What a request led to. */
export interface Receipt {
  readonly entries: readonly Entry[];
  /** Whether this is the answer to an earlier request with the same idempotency key. */
  readonly isReplay: boolean;
  /** What a script printed, if it did. */
  readonly printed?: readonly string[];
}

/**
 * Answers one request against `state` and writes it there, unless it is refused, repeated, a preview, or not to be
 * decided yet. Only what was written is kept under its idempotency key.
 */
export function execute(
  state: State,
  request: Request,
  terms: Terms,
): Result<Receipt, Refusal> | Unloaded {
  const { command, isPreview, idempotency } = request;
  const answer = idempotency && state.answers.get(idempotency.key);
  if (idempotency && answer) {
    if (answer.requestHash !== idempotency.requestHash) {
      return fail({ kind: "idempotency-key-reused", key: idempotency.key });
    }
    return ok({ entries: answer.entries, isReplay: true });
  }
  const decision = decide(state, command, terms);
  if ("needs" in decision || !decision.ok) return decision;
  const { value: entries, printed } = decision;
  if (!isPreview) write(state, request, entries, terms);
  return ok({ entries, isReplay: false, ...(printed && { printed }) });
}

function write(
  state: State,
  { command, actor, idempotency }: Request,
  entries: readonly Entry[],
  { now }: Terms,
): void {
  const { nextLogId, nextEvent } = state.head;
  const isMapping = command.kind === "update-mapping";
  append(state, entries, actor);
  if (isMapping) updateMapping(state, command.mapping, actor, now);
  record(state, eventsOf(command, entries, nextLogId, state));
  if (idempotency) {
    state.answers.set(idempotency.key, {
      ...idempotency,
      entries,
      firstLogId: isMapping ? null : nextLogId,
      mapping: isMapping ? nextEvent : null,
    });
  }
}
