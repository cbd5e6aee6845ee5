import type { InvalidConfig } from "./domain/config.js";

/** What a call on payments can be refused for. */
export type PaymentsFailure =
  | InvalidConfig
  | ConnectorUnknown
  | NotInstalled
  | AlreadyInstalled
  | TransferFault
  | { readonly kind: "payment-not-found"; readonly id: string }
  | { readonly kind: "invalid-payment-id"; readonly id: string }
  | { readonly kind: "task-not-found"; readonly id: string }
  | { readonly kind: "invalid-task-id"; readonly id: string }
  | { readonly kind: "invalid-cursor" }
  | { readonly kind: "invalid-sort"; readonly order: string };

/** The caller names no connector, or one by a number that stands for none. */
export interface ConnectorUnknown {
  readonly kind: "connector-unknown";
}

export type NotInstalled = { readonly kind: "not-installed"; readonly provider: string };
export type AlreadyInstalled = { readonly kind: "already-installed"; readonly provider: string };

export type TransferFault =
  | { readonly kind: "transfer-invalid"; readonly problem: string }
  | { readonly kind: "transfer-not-installed"; readonly provider: string }
  | { readonly kind: "transfers-unsupported"; readonly provider: string };

/** This Florin has no connector of that kind. */
export type ConnectorMissing = { readonly kind: "connector-missing"; readonly provider: string };
