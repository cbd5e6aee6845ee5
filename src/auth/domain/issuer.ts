/** Names of this machine: what is sent there in cleartext passes no network. */
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** The URL of an OpenID Connect issuer, spelled as it was given. Null if it is none, or would be asked in cleartext. */
export function parseIssuer(text: string): string | null {
  if (!URL.canParse(text) || text.includes("/.well-known/")) return null;
  const { protocol, hostname, search, hash, username, password } = new URL(text);
  if (search || hash || username || password) return null;
  const isSafe = protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
  return isSafe ? text : null;
}
