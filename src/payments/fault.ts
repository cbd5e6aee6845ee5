import type { InvalidKey, KeyReused } from "../lib/idempotency.js";
import type { InvalidConfig } from "./domain/config.js";
import type { InvalidSort } from "./domain/listing.js";
import type { MetadataTooLarge } from "./domain/metadata.js";
import type { InvalidTransfer } from "./domain/transfer.js";

/** What a call on payments can be refused for. */
export type PaymentsFailure =
  | RequestFault
  | InvalidConfig
  | InvalidTransfer
  | NotInstalled
  | AlreadyInstalled
  | ConnectorMissing
  | ConfigUnreadable
  | TransferFault
  | TransferRefused
  | TransferUnconfirmed
  | InvalidKey
  | KeyReused
  | PaymentFault
  | MetadataTooLarge
  | TaskFault;

export type RequestFault =
  /** The caller names no connector, or one by a number that stands for none. */
  | { readonly kind: "connector-unknown" }
  /** It is the configuration of another kind of connector. */
  | { readonly kind: "config-of-another"; readonly connector: string }
  | { readonly kind: "duration-out-of-range"; readonly field: string }
  | { readonly kind: "invalid-cursor" }
  | InvalidSort;

export interface NotInstalled {
  readonly kind: "not-installed";
  readonly provider: string;
}

export interface AlreadyInstalled {
  readonly kind: "already-installed";
  readonly provider: string;
}

/** This Florin has no connector of that kind. */
export interface ConnectorMissing {
  readonly kind: "connector-missing";
  readonly provider: string;
}

/** None of the keys that the operator has given opens its configuration. */
export interface ConfigUnreadable {
  readonly kind: "config-unreadable";
  readonly provider: string;
}

/** The provider will not make a transfer, and has not made it. */
export interface TransferRefused {
  readonly kind: "transfer-refused";
  /** What it says, as JSON text. */
  readonly problem: string;
}

/** Nobody knows whether the provider has made a transfer. */
export interface TransferUnconfirmed {
  readonly kind: "transfer-unconfirmed";
  readonly problem: string;
  /** Whether the request can be repeated safely. */
  readonly hasKey: boolean;
}

export interface TransferFault {
  readonly kind: "transfer-not-installed" | "transfers-unsupported";
  readonly provider: string;
}

export interface PaymentFault {
  readonly kind: "invalid-payment-id" | "payment-not-found";
  readonly id: string;
}

export interface TaskFault {
  readonly kind: "invalid-task-id" | "task-not-found";
  readonly id: string;
}
