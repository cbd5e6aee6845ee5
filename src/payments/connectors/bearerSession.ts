import { ProviderError, type Session } from "./connector.js";

/** A session with a bearer token; its lifetime is the text of a number of seconds, "" if it was not told. */
export function bearerSession(token: string, lifetime: string): Session {
  if (token === "") throw new ProviderError("logging in was answered without a token");
  const seconds = Number(lifetime);
  return {
    headers: { authorization: `Bearer ${token}` },
    ...(lifetime !== "" && Number.isFinite(seconds) && { seconds }),
  };
}
