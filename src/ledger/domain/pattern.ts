import { isAddress } from "./names.js";

/** Which addresses are asked for. */
export type Pattern =
  | { readonly kind: "address"; readonly address: string }
  /** A regular expression for the whole address, in PostgreSQL's notation. */
  | { readonly kind: "regex"; readonly regex: string };

/**
 * Reads an address filter: an address, or a regular expression in which a segment "*" stands for any text without
 * ":". Null if it is neither; PostgreSQL, whose notation is not quite JavaScript's, may still refuse it.
 */
export function parsePattern(text: string): Pattern | null {
  if (isAddress(text)) return { kind: "address", address: text };
  const regex = text
    .split(":")
    .map((segment) => (segment === "*" ? "[^:]*" : segment))
    .join(":");
  return isRegex(regex) ? { kind: "regex", regex: `^(?:${regex})$` } : null;
}

/** Also keeps a stray ")" from closing the group that goes around it. */
function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
