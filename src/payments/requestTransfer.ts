import { randomUUID } from "node:crypto";
import { inTransaction } from "../db/transaction.js";
import type { Idempotency, KeyReused } from "../lib/idempotency.js";
import { fail, ok, type Result } from "../lib/result.js";
import { hashOrder, type InvalidTransfer, type SentTransfer, toOrder } from "./domain/transfer.js";
import type { TransferFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { lockConnector } from "./store/connectors.js";
import { scheduleTasks } from "./store/tasks.js";
import { takeKey } from "./store/transferKeys.js";
import { insertTransfer } from "./store/transfers.js";

/** A transfer that will be made. */
export interface Requested {
  readonly id: string;
  /** Whether this is the answer to an earlier request with the same idempotency key. */
  readonly isReplay: boolean;
}

/** Has the connector of that kind make a transfer, from now on by itself. A refusal leaves nothing behind. */
export async function requestTransfer(
  { db, clock, connectors, runtime }: Payments,
  provider: string,
  sent: SentTransfer,
  key: string | null,
): Promise<Result<Requested, InvalidTransfer | TransferFault | KeyReused>> {
  const order = toOrder(randomUUID(), sent);
  if (!order.ok) return order;
  const { id } = order.value;
  const idempotency: Idempotency | null =
    key === null ? null : { key, requestHash: hashOrder(order.value) };

  const requested = await inTransaction(
    db,
    async (trx): Promise<Result<Requested, InvalidTransfer | TransferFault | KeyReused>> => {
      const installed = await lockConnector(trx, provider);
      if (installed === null) return fail({ kind: "transfer-not-installed", provider });
      const transfers = connectors.get(provider)?.transfers;
      if (transfers === undefined) return fail({ kind: "transfers-unsupported", provider });
      const checked = transfers.check(order.value);
      if (!checked.ok) return fail({ kind: "transfer-invalid", problem: checked.failure });
      if (idempotency !== null) {
        const holder = await takeKey(trx, provider, idempotency, id);
        if (holder.requestHash !== idempotency.requestHash)
          return fail({ kind: "idempotency-key-reused", key: idempotency.key });
        if (!holder.isNew) return ok({ id: holder.transfer, isReplay: true });
      }
      const now = clock();
      await insertTransfer(trx, installed.id, order.value, now);
      const descriptor = JSON.stringify(transfers.taskFor(order.value));
      await scheduleTasks(trx, installed.id, [{ descriptor, inMs: 0 }], now);
      return ok({ id, isReplay: false });
    },
  );
  if (requested.ok) runtime.wake();
  return requested;
}
