import fc from "fast-check";
import { expect, test } from "vitest";
import { holds, readsMetadata } from "./expression.js";
import type { Metadata } from "./metadata.js";
import { parseExpression } from "./parseExpression.js";

function parse(text: string) {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(`${parsed.failure.place}: ${parsed.failure.problem}`);
  return parsed.value;
}

const judge = (text: string, balance: bigint, metadata: Metadata = {}) =>
  holds(parse(text).rule, { balance, metadata });

test.each([
  ['{"$gte":["$balance",-1000]}', -1000n, true],
  ['{"$gte":["$balance",-1000]}', -1001n, false],
  ['{"$gt":["$balance",5]}', 5n, false],
  ['{"$lt":["$balance",5]}', 4n, true],
  ['{"$lte":[5,"$balance"]}', 4n, false],
  ['{"$eq":["$balance",0]}', 0n, true],
  ['{"$eq":["$balance",0.0]}', 0n, true],
  ['{"$eq":["$balance",1e3]}', 1000n, true],
  ['{"$and":[]}', 0n, true],
  ['{"$or":[]}', 0n, false],
  ['{"$and":[{"$gte":["$balance",0]},{"$lte":["$balance",9]}]}', 10n, false],
  ['{"$or":[{"$lt":["$balance",0]},{"$gt":["$balance",9]}]}', 10n, true],
  ['{"$eq":["a","a"]}', 0n, true],
  ['{"$eq":["1",1]}', 0n, false],
  ['{"$eq":[true,true]}', 0n, true],
  ['{"$eq":["$other",null]}', 0n, true],
])("%s with a balance of %s: %s", (text, balance, result) => {
  expect(judge(text, balance)).toEqual({ ok: true, value: result });
});

test("integers are exact, whatever their size", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (balance, limit) => {
      expect(judge(`{"$gte":["$balance",${limit}]}`, balance)).toEqual({
        ok: true,
        value: balance >= limit,
      });
    }),
  );
});

test("metadata is compared by value: integers as integers, lists and objects whole", () => {
  const metadata = { limit: -50, list: [1, { a: 1 }], same: [1, { a: 1 }], text: "x", none: null };
  const isTrue = { ok: true, value: true };
  expect(judge('{"$gte":["$balance",{"$meta":"limit"}]}', -50n, metadata)).toEqual(isTrue);
  expect(judge('{"$eq":[{"$meta":"limit"},-50]}', 0n, metadata)).toEqual(isTrue);
  expect(judge('{"$eq":[{"$meta":"list"},{"$meta":"same"}]}', 0n, metadata)).toEqual(isTrue);
  expect(judge('{"$eq":[{"$meta":"text"},"x"]}', 0n, metadata)).toEqual(isTrue);
  expect(judge('{"$eq":[{"$meta":"none"},{"$meta":"toString"}]}', 0n, metadata)).toEqual(isTrue);
  const isFalse = { ok: true, value: false };
  expect(judge('{"$eq":[{"$meta":"list"},{"$meta":"text"}]}', 0n, metadata)).toEqual(isFalse);
});

test.each([
  [{}, "null"],
  [{ limit: "5" }, '"5"'],
  [{ limit: 1.5 }, "1.5"],
])("what is no integer is not compared: %j", (metadata, shown) => {
  expect(judge('{"$gte":["$balance",{"$meta":"limit"}]}', 0n, metadata)).toEqual({
    ok: false,
    failure: `$gte needs two integers, and ${shown} is none`,
  });
});

test("what is decided without an operand does not ask for it", () => {
  const undecidable = '{"$gt":["a",1]}';
  expect(judge(`{"$or":[{"$eq":[1,1]},${undecidable}]}`, 0n)).toEqual({ ok: true, value: true });
  expect(judge(`{"$and":[{"$eq":[1,2]},${undecidable}]}`, 0n)).toEqual({ ok: true, value: false });
  expect(judge(`{"$and":[{"$eq":[1,1]},${undecidable}]}`, 0n)).toMatchObject({ ok: false });
});

test("whether metadata is read is known beforehand", () => {
  const reads = (text: string) => readsMetadata(parse(text).rule);
  expect(reads('{"$or":[{"$and":[{"$eq":[1,{"$meta":"a"}]}]}]}')).toBe(true);
  expect(reads('{"$or":[{"$eq":["$meta","$balance"]}]}')).toBe(false);
});

test.each([
  ["", "", "unexpected end"],
  ["{", "", "unexpected end"],
  ["1", "", "must be an object with one key"],
  ['"$balance"', "", "must be an object with one key"],
  ["{}", "", "must be an object with one key"],
  ['{"$and":[],"$or":[]}', "", "must be an object with one key"],
  ['{"gte":["$balance",0]}', "gte", "is no operator"],
  ['{"$meta":"a"}', "$meta", "is no operator"],
  ['{"$ne":[1,2]}', "$ne", "is no operator"],
  ['{"$and":{}}', "$and", "must have a list"],
  ['{"$gte":"$balance"}', "$gte", "must have a list"],
  ['{"$gte":["$balance"]}', "$gte", "must have two values"],
  ['{"$gte":["$balance",1,2]}', "$gte", "must have two values"],
  ['{"$gte":["$balance",1.5]}', "$gte[1]", "must be an integer"],
  ['{"$gte":["$balance",1e400]}', "$gte[1]", "must be an integer"],
  ['{"$gte":["$balance",[1]]}', "$gte[1]", "must not be a list"],
  ['{"$gte":["$balance",{"$mata":"a"}]}', "$gte[1].$mata", "is no value"],
  ['{"$gte":["$balance",{"$meta":1}]}', "$gte[1].$meta", "must be a string"],
  ['{"$and":[{"$or":[{"$eq":[1,2]},{"$gt":[1,{}]}]}]}', "$and[0].$or[1].$gt[1]", "one key"],
  [`${'{"$and":['.repeat(60)}${"]}".repeat(60)}`, "", "nested deeper"],
])("%s is refused", (text, place, problem) => {
  expect(parseExpression(text)).toMatchObject({
    ok: false,
    failure: { place, problem: expect.stringContaining(problem) },
  });
});

test("the text is that which was sent, but for white space", () => {
  const sent = ' { "$gte" : [ "$balance" , -100000000000000000000000001 ] } ';
  expect(parse(sent).text).toBe('{"$gte":["$balance",-100000000000000000000000001]}');
});
