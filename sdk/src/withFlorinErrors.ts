import type { Transport } from "@connectrpc/connect";
import { toFlorinError } from "./florinError.js";
import { replaceFailure } from "./replaceFailure.js";

/** `transport`, failing with FlorinError alone; timeouts and cancellations included. */
export const withFlorinErrors = (transport: Transport): Transport => ({
  async unary(method, signal, ...call) {
    try {
      return await transport.unary(method, signal, ...call);
    } catch (error) {
      throw toFlorinError(error, signal);
    }
  },
  async stream(method, signal, ...call) {
    const replace = (error: unknown) => toFlorinError(error, signal);
    try {
      const response = await transport.stream(method, signal, ...call);
      return { ...response, message: replaceFailure(response.message, replace) };
    } catch (error) {
      throw replace(error);
    }
  },
});
