import { setMaxListeners } from "node:events";
import type { Interceptor } from "@connectrpc/connect";
import { interruptible } from "../../lib/interruptible.js";
import { iterating } from "../../lib/iterating.js";

/**
 * Ends streams when `drain` aborts, with its reason: callers go on elsewhere; and those whose callers have left, even if
 * what makes their messages heeds no signal. Unary calls are answered as ever.
 */
export const drainStreams = (drain: AbortSignal): Interceptor => {
  // Every stream listens to it.
  setMaxListeners(0, drain);
  return (next) => async (request) => {
    if (!request.stream) return next(request);
    const { methodKind } = request.method;
    if (methodKind === "client_streaming") {
      // A request in parts that is cut short must not look as if the client had said all.
      return next({ ...request, message: interruptible(request.message, drain) });
    }
    let isCut = false;
    const cut = () => {
      isCut = true;
    };
    const response = await next(
      methodKind === "bidi_streaming"
        ? { ...request, message: until(drain, request.message, cut) }
        : { ...request, signal: either(request.signal, drain, cut) },
    );
    if (!response.stream) return response;
    const message = whileWanted(response.message, request.signal, () => isCut && drain.reason);
    return { ...response, message };
  };
};

/** `requests`, until `drain` aborts. Each stands for itself: those that were received are still answered. */
const until = <T>(drain: AbortSignal, requests: AsyncIterable<T>, cut: () => void) =>
  iterating(interruptible(requests, drain), {
    onError(error) {
      if (error !== drain.reason) throw error;
      cut();
    },
  });

/** Aborts with `signal`, and with `drain`. Relies on `signal` to abort at the end of every call. */
function either(signal: AbortSignal, drain: AbortSignal, cut: () => void): AbortSignal {
  const controller = new AbortController();
  const onDrain = () => {
    cut();
    controller.abort(drain.reason);
  };
  signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
  drain.addEventListener("abort", onDrain, { signal });
  if (drain.aborted) onDrain();
  if (signal.aborted) controller.abort(signal.reason);
  return controller.signal;
}

/** `messages`, until `signal` aborts; after the last of them, whatever the end was, throws what `reason` gives. */
const whileWanted = <T>(messages: AsyncIterable<T>, signal: AbortSignal, reason: () => unknown) =>
  iterating(messages, {
    each(message) {
      signal.throwIfAborted();
      return message;
    },
    onEnd() {
      const end = reason();
      if (end) throw end;
    },
    onError(error) {
      throw reason() || error;
    },
  });
