import { expect, test } from "vitest";
import { printTraceparent, readTraceparent } from "./traceparent.js";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test("what is read is printed again", () => {
  const headers = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: "vendor=1,other=2" };
  const context = readTraceparent(headers);
  expect(context).toMatchObject({ traceId, spanId, traceFlags: 1, isRemote: true });
  expect(context && printTraceparent(context)).toEqual(headers);
});

test("a later version is read as far as it is known", () => {
  const context = readTraceparent({ traceparent: `cc-${traceId}-${spanId}-03-more` });
  expect(context && printTraceparent(context)).toEqual({
    traceparent: `00-${traceId}-${spanId}-01`,
  });
});

test("a trace whose state is too long is followed without it", () => {
  const tracestate = `vendor=${"1".repeat(600)}`;
  const context = readTraceparent({ traceparent: `00-${traceId}-${spanId}-00`, tracestate });
  expect(context).toEqual({ traceId, spanId, traceFlags: 0, isRemote: true });
});

test.each([
  ["missing", undefined],
  ["empty", ""],
  ["of the version that is none", `ff-${traceId}-${spanId}-01`],
  ["longer than its version allows", `00-${traceId}-${spanId}-01-more`],
  ["without a trace", `00-${"0".repeat(32)}-${spanId}-01`],
  ["without a span", `00-${traceId}-${"0".repeat(16)}-01`],
  ["in capitals", `00-${traceId.toUpperCase()}-${spanId}-01`],
  ["sent twice", `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
])("a traceparent that is %s is none", (_, traceparent) => {
  expect(readTraceparent({ traceparent })).toBeNull();
});
