import { toIdempotencyKey } from "../lib/idempotency.js";
import { ok, type Result } from "../lib/result.js";
import type { Span } from "../lib/tracing.js";
import { toLedgerName } from "./convertCommand.js";
import { type Command, hashRequest } from "./domain/command.js";
import type { RequestFault } from "./fault.js";
import type { Write } from "./streamTransactions.js";

/** What requests to write have in common. */
export interface SentWrite {
  readonly ledger: string;
  readonly idempotencyKey: string;
  readonly preview?: boolean;
}

/** Who asks for writes, as far as is known. */
export interface Caller {
  readonly actor: string | null;
  readonly span: Span | null;
}

/** The request of `caller` to run `command`. */
export function toWrite(
  { ledger, idempotencyKey, preview: isPreview = false }: SentWrite,
  command: Command,
  { actor, span }: Caller,
): Result<Write, RequestFault> {
  const key = toIdempotencyKey(idempotencyKey);
  if (!key.ok) return key;
  const name = toLedgerName(ledger);
  if (!name.ok) return name;
  const idempotency =
    key.value === null ? null : { key: key.value, requestHash: hashRequest(command, isPreview) };
  return ok({ ledger: name.value, request: { command, isPreview, idempotency, actor, span } });
}
