import { expect, test } from "vitest";
import { type Json, parseJson } from "../../lib/parseJson.js";
import { fail } from "../../lib/result.js";
import { textAt } from "./json.js";
import { readPayments } from "./readPayments.js";

test("items that mean nothing are named by their ids, or by where they stand", () => {
  const items = [parseJson('{"id": 7}'), null];
  const idOf = (item: Json) => textAt(item, "id");
  const read = readPayments(items, idOf, () => fail("no good"));
  expect(read).toEqual({
    payments: [],
    problems: ['payment "7": no good', 'payment "number 2 of a page": no good'],
  });
});
