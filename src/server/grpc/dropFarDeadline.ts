import { parseTimeout } from "@connectrpc/connect/protocol-grpc";
import type { HttpRequest } from "../handler.js";
import { MAX_TIMER_MS } from "./callEnd.js";

/** Takes deadlines from `request` that are further away than timers reach: connect would have them end the call at once. */
export function dropFarDeadline({ headers }: HttpRequest): void {
  const { "grpc-timeout": ofGrpc, "connect-timeout-ms": ofConnect } = headers;
  if (typeof ofGrpc === "string") {
    const { timeoutMs = 0 } = parseTimeout(ofGrpc, Number.MAX_SAFE_INTEGER);
    if (timeoutMs > MAX_TIMER_MS) delete headers["grpc-timeout"];
  }
  // Longer ones are refused.
  if (typeof ofConnect === "string" && /^\d{1,10}$/.test(ofConnect)) {
    if (Number(ofConnect) > MAX_TIMER_MS) delete headers["connect-timeout-ms"];
  }
}
