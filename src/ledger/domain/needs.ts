import type { Idempotency } from "../../lib/idempotency.js";
import { volumeKey } from "./volumes.js";

/** An account that a request names, and one asset of it; null if none matters. */
export interface Wanted {
  readonly account: string;
  readonly asset: string | null;
}

/** An account, and what the assets that are wanted of it have in common: `baseOf` them. */
export interface WantedScale {
  readonly account: string;
  readonly base: string;
}

/** What a state must hold before requests can be decided on it. */
export interface Needs {
  /** By `volumeKey`, or by address where no asset matters. */
  readonly accounts: Map<string, Wanted>;
  /** By `volumeKey` of account and base. */
  readonly scales: Map<string, WantedScale>;
  /** Accounts whose metadata is wanted. */
  readonly metadata: Set<string>;
  readonly references: Set<string>;
  /** By key and request hash: what was written under a key is only wanted by the same request. */
  readonly answers: Map<string, Idempotency>;
  /** Numbers of the transactions to be reverted: what they need in turn, `needsOfReverts` tells. */
  readonly reverts: Set<bigint>;
}

export const noNeeds = (): Needs => ({
  accounts: new Map(),
  scales: new Map(),
  metadata: new Set(),
  references: new Set(),
  answers: new Map(),
  reverts: new Set(),
});

export function needAccount({ accounts }: Needs, account: string): void {
  accounts.set(account, { account, asset: null });
}

export function needVolume({ accounts }: Needs, account: string, asset: string): void {
  accounts.set(volumeKey(account, asset), { account, asset });
}

export function needScale(needs: Needs, account: string, base: string): void {
  needAccount(needs, account);
  needs.scales.set(volumeKey(account, base), { account, base });
}
