import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { Cancellation } from "./cancellation.js";

const reason = new ConnectError("the client left", Code.Canceled);

test("a signal that is asked for late has aborted, with the first reason", () => {
  const cancellation = new Cancellation();
  cancellation.abort(reason);
  cancellation.abort(new ConnectError("later", Code.Internal));
  expect(cancellation.aborted).toBe(true);
  expect(cancellation.signal.reason).toBe(reason);
});

test("a signal that was asked for early aborts, and is the same every time", () => {
  const cancellation = new Cancellation();
  const { signal } = cancellation;
  expect([signal.aborted, cancellation.aborted]).toEqual([false, false]);
  cancellation.abort(reason);
  expect(signal.reason).toBe(reason);
  expect(cancellation.signal).toBe(signal);
});
