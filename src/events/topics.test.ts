import { expect, test } from "vitest";
import { parseTopicMapping } from "./topics.js";

test("a type has its own topic, else that of *, else its name", () => {
  const some = parseTopicMapping("SAVED_METADATA:metadata, *:ledger");
  expect(some?.("SAVED_METADATA")).toBe("metadata");
  expect(some?.("COMMITTED_TRANSACTIONS")).toBe("ledger");
  expect(parseTopicMapping("SAVED_METADATA:m")?.("UPDATED_MAPPING")).toBe("UPDATED_MAPPING");
});

test("a topic may be a URL", () => {
  const topicOf = parseTopicMapping("*:https://app.example.com:8443/events");
  expect(topicOf?.("SAVED_METADATA")).toBe("https://app.example.com:8443/events");
});

test.each([
  "",
  "*",
  "*:",
  ":topic",
  "*:a,",
  "*:a b",
  "*:a,*:b",
  "SAVED:topic",
  "saved_metadata:topic",
  "toString:topic",
])("refuses the mapping %j", (text) => {
  expect(parseTopicMapping(text)).toBeNull();
});
