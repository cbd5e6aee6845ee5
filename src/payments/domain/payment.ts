import type { Micros } from "../../lib/time.js";
import type { Metadata } from "./metadata.js";

export const PAYMENT_TYPES = ["PAY-IN", "PAYOUT", "TRANSFER", "OTHER"] as const;
export type PaymentType = (typeof PAYMENT_TYPES)[number];

export const PAYMENT_STATUSES = ["PENDING", "SUCCEEDED", "CANCELLED", "FAILED", "OTHER"] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const SCHEMES = [
  ...["unknown", "other", "visa", "mastercard", "amex", "diners", "discover", "jcb", "unionpay"],
  ...["sepa debit", "sepa credit", "sepa", "apple pay", "google pay", "a2a"],
  ...["ach debit", "ach", "rtp"],
] as const;

export const ACCOUNT_TYPES = ["SOURCE", "TARGET"] as const;
export type AccountType = (typeof ACCOUNT_TYPES)[number];

/** A movement of money, as its provider tells of it. */
export interface Told {
  /** The provider's id of it. */
  readonly reference: string;
  readonly type: PaymentType;
  readonly status: PaymentStatus;
  /** Of `SCHEMES`. */
  readonly scheme: string;
  readonly asset: string;
  /** Minor units. */
  readonly amount: bigint;
  /** Absent: when it is first seen. */
  readonly createdAt?: Micros;
  /** What the provider said, as JSON text; null if nothing is kept. */
  readonly raw: string | null;
  /** References of accounts. */
  readonly account?: string;
  readonly source?: string;
  readonly destination?: string;
}

/** An account at a provider. */
export interface ToldAccount {
  /** The provider's id of it. */
  readonly reference: string;
  readonly type: AccountType;
}

/** A change that its provider tells of apart from the payment, e.g. a refund. The payment may come later. */
export interface ToldAdjustment extends Adjustment {
  /** The payment that it changes. */
  readonly payment: Pick<Told, "reference" | "type">;
}

export interface Adjustment {
  /** The provider's id of the change: one that is known is not looked at again. */
  readonly reference: string;
  readonly date: Micros;
  /** Status since then. */
  readonly status: PaymentStatus;
  readonly amount: bigint;
  /** Whether `amount` takes the place of the amount before; if not, it is added to it. */
  readonly absolute: boolean;
  readonly raw: string | null;
}

/** A payment that is stored. */
export interface Payment extends Required<Omit<Told, "account" | "source" | "destination">> {
  readonly id: string;
  /** The installation that brought it. */
  readonly connector: string;
  readonly provider: string;
  readonly initialAmount: bigint;
  /** Ids of accounts. */
  readonly account: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  readonly metadata: Metadata;
  /** By date. */
  readonly adjustments: readonly Adjustment[];
  readonly event: bigint;
  readonly changedAt: Micros;
}

export interface Account extends ToldAccount {
  readonly id: string;
  readonly provider: string;
  readonly createdAt: Micros;
}
