import { validateHeaderName, validateHeaderValue } from "node:http";

/** `name=value` pairs, joined by commas, percent-encoded as W3C Baggage has them. Null if they are not. */
export function parsePairs(text: string): Record<string, string> | null {
  const pairs = text.split(",").filter((pair) => pair.trim() !== "");
  const entries = pairs.map((pair): [string, string] => {
    const [name = "", ...rest] = pair.split("=");
    return [decoded(name), rest.length === 1 ? decoded(rest.join()) : INVALID];
  });
  const isFine = entries.every(
    ([name, value]) => name !== "" && name !== INVALID && value !== INVALID,
  );
  return isFine ? Object.fromEntries(entries) : null;
}

/** No text that was decoded is this. */
const INVALID = "\ud800";

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return INVALID;
  }
}

/** As `parsePairs`; null, too, if HTTP cannot say one of them, or says it itself: how long a request is. */
export function parseHeaders(text: string): Record<string, string> | null {
  const pairs = parsePairs(text);
  const isFine = Object.entries(pairs ?? {}).every(([name, value]) => isHeader(name, value));
  return isFine ? pairs : null;
}

function isHeader(name: string, value: string): boolean {
  if (/^(content-length|transfer-encoding)$/i.test(name)) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Secrets belong into headers, which are not logged: so no user and password. */
export function parseEndpoint(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, hash, href } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password && !hash ? href : null;
}
