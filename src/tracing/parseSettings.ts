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

/** Secrets belong into headers, which are not logged: so no user and password. */
export function parseEndpoint(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, hash, href } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password && !hash ? href : null;
}
