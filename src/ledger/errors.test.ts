import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { toApiError } from "../server/unwrap.js";
import { type LedgerFailure, ledgerErrors } from "./errors.js";

test.each<[LedgerFailure, Code, string, number | undefined]>([
  [{ kind: "queue-full" }, Code.ResourceExhausted, "INTERNAL", 503],
  [{ kind: "closing" }, Code.Unavailable, "INTERNAL", undefined],
  [{ kind: "ledger-held" }, Code.ResourceExhausted, "INTERNAL", 503],
  [{ kind: "unavailable" }, Code.Unavailable, "INTERNAL", undefined],
  [{ kind: "outcome-unknown" }, Code.Unavailable, "INTERNAL", undefined],
])("a caller who met %j is told to come back", (failure, code, errorCode, httpStatus) => {
  const error = toApiError(failure, ledgerErrors);
  expect(error).toMatchObject({ code, errorCode, httpStatus });
  expect(error.metadata.get("Retry-After")).toBe("1");
});

test("who passes a past timestamp is told both times and how far they are apart", () => {
  const last = 1_700_000_000_500_000n;
  const messageOf = (given: bigint) =>
    toApiError({ kind: "past-timestamp", given, last } as const, ledgerErrors).rawMessage;
  expect(messageOf(last - 1n)).toBe(
    "cannot pass a timestamp prior to the last transaction: 2023-11-14T22:13:20.499999Z (passed) is 1µs before 2023-11-14T22:13:20.5Z (last)",
  );
  expect(messageOf(last - 3_601_500_000n)).toContain("is 1h0m1.5s before");
});
