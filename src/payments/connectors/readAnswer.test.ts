import { expect, test } from "vitest";
import { type Json, parseJson } from "../../lib/parseJson.js";
import { fail } from "../../lib/result.js";
import { listAt, readPayments, textAt } from "./readAnswer.js";

test("items that mean nothing are named by their ids, or by where they stand", () => {
  const items = [parseJson('{"id": 7}'), null];
  const idOf = (item: Json) => textAt(item, "id");
  const read = readPayments(items, idOf, () => fail("no good"));
  expect(read).toEqual({
    payments: [],
    problems: ['payment "7": no good', 'payment "number 2 of a page": no good'],
  });
});

test.each(["{}", "[]", "null", '{"data": {}}'])("%s is not the list that was asked for", (text) => {
  expect(() => listAt(parseJson(text), "data")).toThrow("answered JSON without the list data");
});

test("numbers keep their digits", () => {
  expect(textAt(parseJson('{"a": {"b": 12345678901234567.10}}'), "a", "b")).toBe(
    "12345678901234567.10",
  );
});
