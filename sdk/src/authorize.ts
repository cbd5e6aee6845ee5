import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { replaceFailure } from "./replaceFailure.js";
import type { Tokens } from "./tokens.js";

/**
 * Sends the caller's token. A unary call that is refused as UNAUTHENTICATED is repeated once, if there is another token:
 * the server checks tokens before it does anything. A stream is not repeated, but the next call gets another token.
 */
export const authorize =
  (tokens: Tokens): Interceptor =>
  (next) =>
  async (request) => {
    const call = async (token: string | null) => {
      if (token !== null) request.header.set("Authorization", `Bearer ${token}`);
      return next(request);
    };
    const token = await unlessAborted(tokens.current(), request.signal);
    const noteRefusal = (error: unknown) => {
      if (isUnauthenticated(error)) tokens.refuse(token);
      return error;
    };
    try {
      const response = await call(token);
      if (!response.stream) return response;
      return { ...response, message: replaceFailure(response.message, noteRefusal) };
    } catch (error) {
      noteRefusal(error);
      if (request.stream || !isUnauthenticated(error)) throw error;
      const another = await unlessAborted(tokens.current(), request.signal);
      if (another === token) throw error;
      return call(another);
    }
  };

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof ConnectError && error.code === Code.Unauthenticated;

/** `promise`, or the reason of `signal` if that comes first: a deadline holds while a token is awaited, too. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
