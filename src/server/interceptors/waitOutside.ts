import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { recordOf } from "../callRecord.js";
import { type Door, MAY_WAIT_BYTES } from "../door.js";
import { doorErrors } from "../doorErrors.js";
import { toApiError } from "../unwrap.js";

/** Refuses calls that there is no room for, before anything else is done for them. */
export const waitOutside =
  (door: Door): Interceptor =>
  (next) =>
  async (request) => {
    const record = recordOf(request);
    const ledger = ledgerOf(request);
    // REST has waited already, before it read anything.
    if (record?.call?.protocol !== "rest") {
      const mayWait = record !== null && record.bodyBytes <= MAY_WAIT_BYTES;
      const onLeft = (hear: () => void) => {
        request.signal.addEventListener("abort", hear);
        if (request.signal.aborted) hear();
      };
      const admitted = door.admit(request.method, ledger, mayWait ? onLeft : null);
      const noRoom = admitted instanceof Promise ? await admitted : admitted;
      if (noRoom !== null) {
        // Of a deadline that is over, too.
        request.signal.throwIfAborted();
        if (record) record.isShed = true;
        throw toApiError(noRoom, doorErrors);
      }
    }
    const leave = door.enter(request.method, ledger);
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
