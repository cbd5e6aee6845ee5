import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { recordOf } from "../callRecord.js";
import { type Door, doorErrors } from "../door.js";
import { unwrap } from "../unwrap.js";

/** Refuses calls that there is no room for, before anything else is done for them. */
export const waitOutside =
  (door: Door): Interceptor =>
  (next) =>
  async (request) => {
    const record = recordOf(request);
    // REST has asked for its ledger already, before it read anything.
    const ledger = record?.call?.protocol === "rest" ? undefined : ledgerOf(request);
    const entered = door.enter(request.method, ledger);
    if (!entered.ok && record) record.isShed = true;
    const leave = unwrap(entered, doorErrors);
    if (request.stream) {
      // It aborts at the end of every call.
      request.signal.addEventListener("abort", leave);
      if (request.signal.aborted) leave();
      return next(request);
    }
    try {
      return await next(request);
    } finally {
      leave();
    }
  };

/** None for a message that cannot be read: that is for the chain to say, once it knows who calls. */
function ledgerOf(request: UnaryRequest | StreamRequest): unknown {
  if (request.stream) return undefined;
  try {
    return (request.message as { ledger?: unknown }).ledger;
  } catch {
    return undefined;
  }
}
