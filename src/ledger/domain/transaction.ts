import type { Micros } from "../../lib/time.js";
import type { Metadata } from "./metadata.js";
import type { Posting } from "./posting.js";
import type { VolumeChange } from "./volumes.js";

/** A committed (or previewed) transaction. */
export interface Transaction {
  /** 0, 1, 2, … in its ledger, without gaps. */
  readonly txid: bigint;
  readonly postings: readonly Posting[];
  readonly reference: string | null;
  readonly metadata: Metadata;
  readonly timestamp: Micros;
  /** Every account and asset that the postings touch, in the order of the first touch. */
  readonly volumes: readonly VolumeChange[];
}
