import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import { type Metadata, type MetadataTooLarge, mergeMetadata } from "./domain/metadata.js";
import { canonicalPaymentId } from "./domain/paymentId.js";
import type { PaymentFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { lockMetadata, saveMetadata } from "./store/metadata.js";

/** Merges `sent` into the metadata of a payment, key by key. */
export async function updateMetadata(
  { db, clock }: Payments,
  sentId: string,
  sent: Metadata,
): Promise<Result<null, PaymentFault | MetadataTooLarge>> {
  const id = canonicalPaymentId(sentId);
  if (id === null) return fail({ kind: "invalid-payment-id", id: sentId });
  return inTransaction(db, async (trx) => {
    const stored = await lockMetadata(trx, id);
    if (stored === null) return fail({ kind: "payment-not-found", id });
    const merged = mergeMetadata(stored, sent);
    if (!merged.ok) return merged;
    await saveMetadata(trx, id, { sent, merged: merged.value }, clock());
    return ok(null);
  });
}
