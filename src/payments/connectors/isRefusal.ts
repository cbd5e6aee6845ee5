import { ProviderError } from "./connector.js";

/** Whether the provider would answer the same if it were asked again. */
export function isRefusal(error: unknown): error is ProviderError {
  if (!(error instanceof ProviderError) || error.status === null) return false;
  const { status } = error;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
