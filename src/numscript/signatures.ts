import type { Type } from "./value.js";

export interface Signature {
  readonly parameters: readonly (Type | "any")[];
  /** Null: of the type of the variable that it gives a value. */
  readonly result: Type | null;
}

/** The only origin of a variable that depends on the variable. It stands nowhere else. */
export const metaSignature: Signature = { parameters: ["account", "string"], result: null };

/** Functions that have a value. */
export const functionSignatures: ReadonlyMap<string, Signature> = new Map([
  ["balance", { parameters: ["account", "asset"], result: "monetary" }],
  ["overdraft", { parameters: ["account", "asset"], result: "monetary" }],
  ["get_asset", { parameters: ["monetary"], result: "asset" }],
  ["get_amount", { parameters: ["monetary"], result: "number" }],
] as const);

/** Functions that are statements. */
export const statementSignatures: ReadonlyMap<string, Signature> = new Map([
  ["set_tx_meta", { parameters: ["string", "any"], result: null }],
  ["set_account_meta", { parameters: ["account", "string", "any"], result: null }],
] as const);
