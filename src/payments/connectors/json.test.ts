import { expect, test } from "vitest";
import { parseJson } from "../../lib/parseJson.js";
import { listAt, textAt } from "./json.js";

test.each(["{}", "[]", "null", '{"data": {}}'])("%s is not the list that was asked for", (text) => {
  expect(() => listAt(parseJson(text), "data")).toThrow("answered JSON without the list data");
});

test("numbers keep their digits", () => {
  expect(textAt(parseJson('{"a": {"b": 12345678901234567.10}}'), "a", "b")).toBe(
    "12345678901234567.10",
  );
});
