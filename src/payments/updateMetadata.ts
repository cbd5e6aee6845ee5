import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import { canonicalPaymentId } from "./domain/paymentId.js";
import type { PaymentFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { mergeMetadata } from "./store/payments.js";

/** Merges `metadata` into that of a payment, key by key. */
export async function updateMetadata(
  { db, clock }: Payments,
  sentId: string,
  metadata: Readonly<Record<string, string>>,
): Promise<Result<null, PaymentFault>> {
  const id = canonicalPaymentId(sentId);
  if (id === null) return fail({ kind: "invalid-payment-id", id: sentId });
  const isThere = await inTransaction(db, (trx) => mergeMetadata(trx, id, metadata, clock()));
  return isThere ? ok(null) : fail({ kind: "payment-not-found", id });
}
