import { fail, ok, type Result } from "../../lib/result.js";
import type { PostingFault } from "./failure.js";
import { isAddress, isAsset } from "./names.js";

/** One movement of `amount` minor units of `asset` from `source` to `destination`. */
export interface Posting {
  readonly source: string;
  readonly destination: string;
  readonly asset: string;
  /** Never negative. */
  readonly amount: bigint;
}

/** A posting as it was sent: nothing about it is sure. */
export interface SentPosting {
  readonly source: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: string;
}

/** PostgreSQL's numeric ends at 131,072 digits; sums of amounts must fit too. */
const MOST_DIGITS = 100_000;

const INTEGER = /^-?\d+$/;

/** `sent` as a posting, or the first thing wrong with it. */
export function parsePosting(sent: SentPosting): Result<Posting, PostingFault> {
  const { source, destination, asset } = sent;
  if (sent.amount === "") return fail("no amount");
  if (!INTEGER.test(sent.amount)) return fail("invalid amount");
  if (sent.amount.length > MOST_DIGITS) return fail("amount too large");
  const amount = BigInt(sent.amount);
  if (amount < 0n) return fail("negative amount");
  if (!isAddress(source)) return fail("invalid source address");
  if (!isAddress(destination)) return fail("invalid destination address");
  if (!isAsset(asset)) return fail("invalid asset");
  return ok({ source, destination, asset, amount });
}
