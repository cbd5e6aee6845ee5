import { randomUUID } from "node:crypto";
import type { Idempotency, KeyReused } from "../lib/idempotency.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { Span } from "../lib/tracing.js";
import { ProviderError } from "./connectors/connector.js";
import type { InvalidConfig } from "./domain/config.js";
import {
  hashDirectTransfer,
  type InvalidTransfer,
  type SentDirectTransfer,
  toDirectTransfer,
} from "./domain/transfer.js";
import type {
  ConfigUnreadable,
  ConnectorMissing,
  NotInstalled,
  TransferFault,
  TransferRefused,
  TransferUnconfirmed,
} from "./fault.js";
import { openConnector } from "./openConnector.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";
import { freeKey, type KeyHolder, keepAnswer, takeKey } from "./store/transferKeys.js";

/** A transfer that was made. */
export interface Made {
  /** What the provider says of it, as JSON text. */
  readonly answer: string;
  /** Whether this is the answer to an earlier request with the same idempotency key. */
  readonly isReplay: boolean;
}

type Refusal =
  | NotInstalled
  | ConnectorMissing
  | ConfigUnreadable
  | InvalidConfig
  | TransferFault
  | InvalidTransfer
  | KeyReused
  | TransferRefused
  | TransferUnconfirmed;

/**
 * Has the provider make a transfer while the caller waits; only its idempotency key is stored. The key stands for one
 * transfer before the provider hears of it, so that a repeated request finds what became of it.
 */
export async function makeTransferNow(
  payments: Payments,
  provider: string,
  sent: SentDirectTransfer,
  key: string | null,
  span: Span | null = null,
): Promise<Result<Made, Refusal>> {
  const { db, connectors, runtime } = payments;
  const row = await findConnector(db, provider);
  if (row === null) return fail({ kind: "not-installed", provider });
  const send = connectors.get(provider)?.transfers?.sendNow;
  if (send === undefined) return fail({ kind: "transfers-unsupported", provider });
  const transfer = toDirectTransfer(randomUUID(), sent);
  if (!transfer.ok) return transfer;
  const opened = openConnector(payments, row);
  if (!opened.ok) return opened;

  const requestHash = hashDirectTransfer(transfer.value);
  const idempotency: Idempotency | null = key === null ? null : { key, requestHash };
  const holder: KeyHolder = idempotency
    ? await takeKey(db, provider, idempotency, transfer.value.id)
    : { isNew: true, requestHash, transfer: transfer.value.id, answer: null };
  if (idempotency && holder.requestHash !== requestHash)
    return fail({ kind: "idempotency-key-reused", key: idempotency.key });
  if (holder.answer !== null) return ok({ answer: holder.answer, isReplay: true });

  const id = holder.transfer;
  const http = runtime.http({ id: row.id, ...opened.value }, span);
  const access = { config: opened.value.config, http };
  const made = await send(access, { ...transfer.value, id }, !holder.isNew).catch(unconfirmed);
  if (made.ok) {
    if (idempotency) await keepAnswer(db, provider, idempotency, id, made.value);
    return ok({ answer: made.value, isReplay: false });
  }
  if (typeof made.failure !== "string") return fail({ ...made.failure, hasKey: key !== null });
  if (idempotency) await freeKey(db, provider, idempotency.key, id);
  return fail({ kind: "transfer-refused", problem: made.failure });
}

function unconfirmed(error: unknown) {
  if (!(error instanceof ProviderError)) throw error;
  return fail({ kind: "transfer-unconfirmed", problem: error.message } as const);
}
