import {
  Code,
  ConnectError,
  type ContextValues,
  createContextKey,
  type HandlerContext,
} from "@connectrpc/connect";
import type { HttpResponse } from "./handler.js";

/**
 * What ends a call before its answer. Its signal is made when somebody asks for it: most calls are answered before anybody
 * does, and a signal costs a twentieth of a write.
 */
export class Cancellation implements Pick<AbortSignal, "aborted" | "reason"> {
  #reason: ConnectError | null = null;
  #controller: AbortController | null = null;

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get reason(): ConnectError | null {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first reason counts. */
  abort(reason: ConnectError): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}

/** Aborts if the client leaves before it has its answer. */
export function untilClientLeaves(response: HttpResponse): Cancellation {
  const cancellation = new Cancellation();
  response.once("close", () => {
    if (!response.writableEnded)
      cancellation.abort(new ConnectError("the client left", Code.Canceled));
  });
  return cancellation;
}

const key = createContextKey<Cancellation | null>(null, { description: "cancellation" });

/** Lets implementations ask whether a call is still wanted, without its signal. */
export function keepCancellation(values: ContextValues, cancellation: Cancellation): void {
  values.set(key, cancellation);
}

/** Whether the call that an implementation serves is still wanted. */
export const wantedBy = (context: HandlerContext): Pick<AbortSignal, "aborted" | "reason"> =>
  context.values.get(key) ?? context.signal;
