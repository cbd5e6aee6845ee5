/**
 * Characters of what a caller is told. Errors quote what was sent, which has no bound of its own, in the trailers of gRPC,
 * which have.
 */
const LONGEST = 2_000;

/** `text`, shortened if it is long; no surrogate loses its twin. */
export const cut = (text: string, longest = LONGEST): string =>
  text.length <= longest ? text : `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, "")}…`;
