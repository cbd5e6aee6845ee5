import type { Interceptor } from "@connectrpc/connect";
import { recordOf } from "../callRecord.js";
import type { Door } from "../door.js";
import { doorErrors } from "../door.js";
import { unwrap } from "../unwrap.js";

/** Refuses RPCs that there is no room for, before anything else is done for them. REST asks at the door earlier still. */
export const waitOutside =
  (door: Door): Interceptor =>
  (next) =>
  async (request) => {
    const record = recordOf(request);
    if (record?.isInside) return next(request);
    const { method, stream, message, signal } = request;
    const ledger = stream ? undefined : (message as { ledger?: unknown }).ledger;
    const entered = door.enter(method, ledger);
    if (!entered.ok && record) record.isShed = true;
    const leave = unwrap(entered, doorErrors);
    if (stream) {
      // It aborts at the end of every call.
      signal.addEventListener("abort", leave);
      if (signal.aborted) leave();
      return next(request);
    }
    try {
      return await next(request);
    } finally {
      leave();
    }
  };
