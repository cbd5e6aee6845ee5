import { fail, ok, type Result } from "../../lib/result.js";

interface Allowed {
  /** What callers call it. Default "endpoint". */
  readonly name?: string;
  /** Where the provider is if nobody says otherwise; absent: somebody always does. */
  readonly usual?: string;
  /** The provider's own hosts. */
  readonly hosts: readonly string[];
  /** Where the operator says that it is; null if he says nothing. */
  readonly apiUrl: string | null;
}

/**
 * The base URL for an endpoint that a caller gave, "" if he gave none; else what is wrong with it. No caller has us
 * ask whom he likes: it is a host of the provider's own, or at or below the operator's address.
 */
export function endpointOf(
  given: string,
  { name = "endpoint", usual, hosts, apiUrl }: Allowed,
): Result<string, string> {
  if (given === "" && usual !== undefined) return ok(apiUrl ?? usual);
  const base = baseOf(given);
  if (base === null) return fail(`${name} must be a URL, without a query or credentials`);
  const { protocol, host } = new URL(base);
  if (protocol === "https:" && hosts.includes(host)) return ok(base);
  if (apiUrl !== null && `${base}/`.startsWith(`${apiUrl}/`)) return ok(base);
  return fail(`${name} must be at https://${hosts.join(" or https://")}`);
}

/** Without a slash at its end; null if it is no plain URL. */
function baseOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text);
  if (!/^https?:$/.test(protocol)) return null;
  if (search || hash || username || password) return null;
  // Slashes in disguise, by which some servers climb: "..%2f".
  if (/%2f|%5c/i.test(pathname)) return null;
  return (origin + pathname).replace(/\/+$/, "");
}
