import type { Posting } from "../history.js";

/** The postings that undo `postings`: backwards, from destination to source. */
export const mirror = (postings: readonly Posting[]): Posting[] => postings.map(turn).reverse();

const turn = ({ source, destination, asset, amount }: Posting): Posting => ({
  source: destination,
  destination: source,
  asset,
  amount,
});

/** The reference of what reverts a transaction that has `reference`. */
export const revertReference = (reference: string | null): string | null =>
  reference === null ? null : `revert_${reference}`;
