import { canonicalJson, jsonString } from "./json.js";
import type { Metadata } from "./metadata.js";

/**
 * What an event tells, by pointing at logs, which never change. The events of a ledger are numbered 0, 1, 2, … in the
 * order in which they happened.
 */
export type OutboxEvent =
  /** COMMITTED_TRANSACTIONS: the first log and the last; all between are transactions too. */
  | readonly ["C", first: bigint, last: bigint]
  /** SAVED_METADATA: its log. */
  | readonly ["M", log: bigint]
  /**
   * REVERTED_TRANSACTION: the log of the mark on the reverted transaction, which follows that of the reverting one; the
   * reverted transaction, and all its metadata, the mark included.
   */
  | readonly ["R", log: bigint, txid: bigint, metadata: Metadata]
  /** UPDATED_MAPPING: the new contracts, as the JSON text that `mappingJson` makes. */
  | readonly ["U", contracts: string];

/** `events` as a JSON array of such tuples. */
export const outboxJson = (events: readonly OutboxEvent[]): string =>
  `[${events.map(eventJson).join()}]`;

function eventJson(event: OutboxEvent): string {
  switch (event[0]) {
    case "C":
      return `["C",${event[1]},${event[2]}]`;
    case "M":
      return `["M",${event[1]}]`;
    case "R":
      return `["R",${event[1]},${event[2]},${canonicalJson(event[3])}]`;
    case "U":
      return `["U",${jsonString(event[1])}]`;
  }
}

/** The logs that an event points at. */
export function logsOf(event: OutboxEvent): readonly bigint[] {
  switch (event[0]) {
    case "C":
      return [event[1], event[2]];
    case "M":
    case "R":
      return [event[1]];
    case "U":
      return [];
  }
}
