import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ApiError } from "./apiError.js";

const refusal = new ApiError({
  code: Code.NotFound,
  errorCode: "NOT_FOUND",
  message: "no such account",
  reason: "ACCOUNT_NOT_FOUND",
});

test("connect takes a refusal for an error of its own, so that its code and message go out", () => {
  expect(refusal instanceof ConnectError).toBe(true);
  expect(ConnectError.from(refusal)).toBe(refusal);
});

test("only a refusal is a refusal", () => {
  expect(refusal instanceof ApiError).toBe(true);
  expect(new ConnectError("plain") instanceof ApiError).toBe(false);
});
