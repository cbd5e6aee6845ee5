import { expect, test } from "vitest";
import { mergeMetadata } from "./metadata.js";

test("metadata that is too long from before there was a limit can be made shorter, and no longer", () => {
  const stored = { one: "x".repeat(60_000), other: "x".repeat(60_000) };
  const shorter = mergeMetadata(stored, { one: "x".repeat(30_000) });
  expect(shorter).toMatchObject({ ok: true });
  expect(mergeMetadata(stored, { one: stored.one })).toMatchObject({ ok: false });
  expect(mergeMetadata(stored, { more: "" })).toMatchObject({ ok: false });
});
