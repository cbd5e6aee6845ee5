import { fail, ok, type Result } from "../lib/result.js";
import type { Payment } from "./domain/payment.js";
import type { PaymentFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { findPayment } from "./store/payments.js";

export async function getPayment(
  { db }: Payments,
  id: string,
): Promise<Result<Payment, PaymentFault>> {
  const payment = await findPayment(db, id);
  return payment ? ok(payment) : fail({ kind: "payment-not-found", id });
}
