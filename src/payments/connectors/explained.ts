import { ProviderError } from "./connector.js";

/** An error of a provider that knows our key, with what it said of it: `reasonIn` finds that in an answer. */
export function explained(
  error: unknown,
  apiKey: string,
  reasonIn: (body: string) => string,
): unknown {
  if (!(error instanceof ProviderError)) return error;
  const reason = reasonIn(error.body).replaceAll(apiKey, "***");
  if (reason === "") return error;
  const { status, headers, body, retryAfterMs } = error;
  const more = { status, headers, body, retryAfterMs, cause: error };
  return new ProviderError(`${error.message}: ${reason}`, more);
}
