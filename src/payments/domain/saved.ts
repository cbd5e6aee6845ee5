import { formatInstant, type Micros } from "../../lib/time.js";
import type { Account, Payment } from "./payment.js";

/** What is told of a payment that was saved. */
export interface SavedPayment
  extends Pick<
    Payment,
    | "id"
    | "provider"
    | "reference"
    | "type"
    | "status"
    | "scheme"
    | "asset"
    | "initialAmount"
    | "amount"
    | "createdAt"
    | "event"
  > {
  readonly isNew: boolean;
}

/** An event among payments: its type, and its payload as JSON text. Events of one commit have numbers in a row. */
export type PaymentsEvent = readonly [
  type: "SAVED_PAYMENT" | "SAVED_ACCOUNT" | "CONNECTOR_RESET",
  payload: string,
];

// Text, for amounts of any size to stay exact.

export function savedPayment(payment: SavedPayment): PaymentsEvent {
  const { id, reference, createdAt, provider, type, status, scheme, asset } = payment;
  const texts = {
    id,
    reference,
    createdAt: formatInstant(createdAt),
    provider,
    type,
    status,
    scheme,
    asset,
  };
  const { initialAmount, amount } = payment;
  return [
    "SAVED_PAYMENT",
    `${JSON.stringify(texts).slice(0, -1)},"initialAmount":${initialAmount},"amount":${amount}}`,
  ];
}

/** One event for all accounts of a page. */
export const savedAccounts = (accounts: readonly Account[]): PaymentsEvent => [
  "SAVED_ACCOUNT",
  JSON.stringify(
    accounts.map(({ id, createdAt, reference, provider, type }) => ({
      ...{ id, createdAt: formatInstant(createdAt), reference, provider, type },
    })),
  ),
];

export const connectorReset = (connector: string, createdAt: Micros): PaymentsEvent => [
  "CONNECTOR_RESET",
  JSON.stringify({ createdAt: formatInstant(createdAt), connector }),
];
