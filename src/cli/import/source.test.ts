import { expect, test } from "vitest";
import { openSource } from "./source.js";

test.each([
  "stack.example.com/api/ledger",
  "https://stack.example.com/api/ledger?page=1",
  "https://stack.example.com/api/ledger#top",
  "https://someone:hush@stack.example.com/api/ledger",
  "file:///api/ledger",
])("%s is no base of an API, and is not shown", (from) => {
  expect(() => openSource(from, "main", undefined)).toThrow(/^--from takes the URL(?!.*hush)/);
});
