import type { Micros } from "../../lib/time.js";
import type { Pattern } from "./pattern.js";

/** Values that metadata must have, as text, by key or dotted path. */
export type MetadataFilter = Readonly<Record<string, string>>;

export interface LogFilter {
  /** Inclusive. */
  readonly startTime: Micros | null;
  /** Exclusive. */
  readonly endTime: Micros | null;
}

export interface TransactionFilter extends LogFilter {
  readonly reference: string | null;
  /** Of either side. */
  readonly account: Pattern | null;
  readonly source: Pattern | null;
  readonly destination: Pattern | null;
  readonly metadata: MetadataFilter;
}

export interface AccountFilter {
  readonly address: Pattern | null;
  readonly metadata: MetadataFilter;
  readonly balance: BalanceFilter | null;
}

export interface BalanceFilter {
  readonly operator: BalanceOperator;
  readonly balance: bigint;
  /** Null: any asset. */
  readonly asset: string | null;
}

export type BalanceOperator = "e" | "ne" | "gt" | "gte" | "lt" | "lte";

/** Whether a filter lets everything through. */
export const isOpen = (filter: AccountFilter | TransactionFilter): boolean =>
  Object.values(filter).every(
    (part) => part === null || (typeof part === "object" && Object.keys(part).length === 0),
  );

/** Parts of a filter that no index answers: what they cost is the caller's choice. */
export interface CostlyParts {
  /** Names of those that are regular expressions. */
  readonly patterns: readonly string[];
  readonly others: readonly string[];
}

const PATTERNS = ["address", "account", "source", "destination"] as const;

export function costlyParts(filter: Partial<AccountFilter & TransactionFilter>): CostlyParts {
  const { metadata = {}, balance = null } = filter;
  return {
    patterns: PATTERNS.filter((name) => filter[name]?.kind === "regex"),
    others: [
      ...(Object.keys(metadata).length > 0 ? ["metadata"] : []),
      ...(balance === null ? [] : ["balance"]),
    ],
  };
}
