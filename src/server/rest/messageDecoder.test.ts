import { create, type DescMessage, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { fixtureMessage } from "../../../test/rest/fixture.js";
import { parseJson } from "../../lib/parseJson.js";
import { DecodeError } from "./decodeError.js";
import { messageDecoder } from "./messageDecoder.js";

const decode = (name: string, text: string) =>
  messageDecoder(fixtureMessage(name))(parseJson(text)) as MessageInitShape<DescMessage> &
    Record<string, unknown>;

const fields = (name: string, text: string): Record<string, unknown> => {
  const { $typeName, ...values } = decode(name, text);
  expect($typeName).toBe(fixtureMessage(name).typeName);
  return values;
};

/** What is wrong with `text`, in the words that callers read. */
function refusal(name: string, text: string): string {
  try {
    decode(name, text);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return (error as DecodeError).message;
  }
  throw new Error(`${text} was accepted`);
}

test("reads every kind of field", () => {
  const text = `{"text":"a","flag":true,"int32Value":-2147483648,"uint32Value":4294967295,
    "int64Value":-9223372036854775808,"uint64Value":18446744073709551615,"doubleValue":-1.5e3,
    "data":"/wA=","colour":"light blue","child":{"text":"b"},"texts":["x",""],"children":[{}],
    "labels":{"k":"v"},"named":{"n":{"flag":true}},"struct":{"a":[1,{"b":null}],"n":1e3},
    "time":"2023-07-10T14:00:00.1234567+02:00","duration":"1.5h","optionalText":"","optionalInt":0,
    "right":7}`;
  const desc = fixtureMessage("Plain");
  const expected = create(desc, {
    text: "a",
    flag: true,
    int32Value: -(2 ** 31),
    uint32Value: 2 ** 32 - 1,
    int64Value: -(2n ** 63n),
    uint64Value: 2n ** 64n - 1n,
    doubleValue: -1500,
    data: new Uint8Array([255, 0]),
    colour: 2,
    child: { text: "b" },
    texts: ["x", ""],
    children: [{}],
    labels: { k: "v" },
    named: { n: { flag: true } },
    struct: { a: [1, { b: null }], n: 1000 },
    time: { seconds: BigInt(Date.UTC(2023, 6, 10, 12) / 1000), nanos: 123_456_000 },
    duration: { seconds: 5_400n, nanos: 0 },
    optionalText: "",
    optionalInt: 0n,
    choice: { case: "right", value: 7n },
  } as MessageInitShape<DescMessage>);
  expect(decode("Plain", text)).toEqual(expected);
  expect(equals(desc, create(desc, decode("Plain", text)), expected)).toBe(true);
});

test("null is absent, and unknown keys are ignored", () => {
  const nothing = fields("Plain", "{}");
  expect(
    fields("Plain", '{"text":null,"child":null,"texts":null,"time":null,"other":[1]}'),
  ).toEqual(nothing);
});

test("keys are matched in any case, an exact one first", () => {
  expect(fields("Hidden", '{"Shown":"a"}')).toMatchObject({ shown: "a" });
  expect(fields("Hidden", '{"shown":"a","SHOWN":"b"}')).toMatchObject({ shown: "a" });
  expect(fields("Plain", '{"INT64VALUE":7}')).toMatchObject({ int64Value: 7n });
});

test("__proto__ is a key like any other", () => {
  const { labels, struct } = fields(
    "Plain",
    '{"labels":{"__proto__":"a"},"struct":{"__proto__":{"b":1}}}',
  );
  expect(Object.entries(labels as object)).toEqual([["__proto__", "a"]]);
  expect(JSON.stringify(struct)).toBe('{"__proto__":{"b":1}}');
  expect(fields("Plain", '{"__proto__":{"text":"a"},"":{}}')).toMatchObject({ text: "" });
});

test.each([
  ["[]", "body must be an object"],
  ['{"text":1}', "text must be a string"],
  ['{"flag":"true"}', "flag must be true or false"],
  ['{"int32Value":1.0}', "int32Value must be an integer"],
  ['{"int32Value":1e3}', "int32Value must be an integer"],
  ['{"int32Value":"1"}', "int32Value must be an integer"],
  ['{"int32Value":2147483648}', "int32Value must be an integer from -2147483648 to 2147483647"],
  ['{"uint32Value":-1}', "uint32Value must be an integer from 0 to 4294967295"],
  [
    '{"uint64Value":18446744073709551616}',
    "uint64Value must be an integer from 0 to 18446744073709551615",
  ],
  [`{"int64Value":${"9".repeat(1000)}}`, "int64Value must be an integer from -9223372036854775808"],
  ['{"doubleValue":"1"}', "doubleValue must be a number"],
  ['{"doubleValue":1e400}', "doubleValue must be a number"],
  ['{"data":"*"}', "data must be base64"],
  ['{"colour":"RED "}', "colour must be one of 'RED, light blue'"],
  ['{"colour":1}', "colour must be one of"],
  ['{"child":[]}', "child must be an object"],
  ['{"texts":"a"}', "texts must be an array"],
  ['{"texts":["a",null]}', "texts[1] must be a string"],
  [
    '{"children":[{},{"children":[{"flag":0}]}]}',
    "children[1].children[0].flag must be true or false",
  ],
  ['{"labels":{"k":1}}', "labels.k must be a string"],
  ['{"labels":{"k":null}}', "labels.k must be a string"],
  ['{"labels":[]}', "labels must be an object"],
  ['{"struct":[]}', "struct must be an object"],
  ['{"struct":{"a":{"b":1e400}}}', "struct.a.b is a number out of range"],
  ['{"time":"2023-07-10 12:00:00Z"}', "time must be an RFC 3339 date-time with a zone"],
  ['{"time":"2023-07-10T12:00:00"}', "time must be an RFC 3339 date-time with a zone"],
  ['{"time":"9999-12-31T23:59:59-01:00"}', "time must be an RFC 3339 date-time with a zone, from"],
  ['{"time":0}', "time must be an RFC 3339 date-time with a zone"],
  ['{"duration":"1 minute"}', "duration must be a duration"],
  ['{"duration":true}', "duration must be a duration"],
])("refuses %.60s", (text, message) => {
  expect(refusal("Plain", text)).toContain(message);
});

test("durations: Go's notation, nanoseconds, or an object of nanoseconds", () => {
  const duration = { seconds: 2n, nanos: 500_000_000 };
  for (const form of ['"2.5s"', "2500000000", '{"duration":2500000000}']) {
    expect(fields("Plain", `{"duration":${form}}`)["duration"]).toMatchObject(duration);
  }
  expect(refusal("Plain", '{"duration":9223372036854775808}')).toContain("must be a duration");
  expect(refusal("Plain", '{"duration":2.5}')).toContain("must be a duration");
});

test("aliases of enum values are read", () => {
  expect(fields("Plain", '{"colour":"sky"}')).toMatchObject({ colour: 2 });
});

test("number: bare integers of any size, and nothing else", () => {
  const big = "123456789012345678901234567890123456789012345678901234567890";
  expect(fields("Numbers", `{"amount":${big},"balances":{"a":-1},"amounts":[-0]}`)).toEqual({
    amount: big,
    balances: { a: "-1" },
    amounts: ["0"],
  });
  for (const form of ['"1"', "1.0", "1e3", "true", "[]", '{"token":"1"}']) {
    expect(refusal("Numbers", `{"amounts":[1,${form}]}`)).toBe("amounts[1] must be an integer");
  }
});

test("raw_json: any JSON, without loss", () => {
  expect(fields("Raw", '{"raw": {"$gte": ["$balance", -9007199254740993], "x": 1.10}}')).toEqual({
    raw: '{"$gte":["$balance",-9007199254740993],"x":1.10}',
  });
  expect(fields("Raw", '{"raw":"\\\\u0000"}')).toEqual({ raw: '"\\\\u0000"' });
});

test("raw_json: what PostgreSQL cannot store is refused", () => {
  for (const bad of ['"\\u0000"', '{"\\u0000":1}', '["\\ud800"]', '"\\udc00\\ud800"']) {
    expect(refusal("Raw", `{"raw":${bad}}`)).toBe("raw holds U+0000 or a lone surrogate");
  }
});

test("flatten: the value stands for the message", () => {
  expect(decode("Accounts", '{"a":{"USD":1}}')).toMatchObject({
    accounts: { a: { assets: { USD: "1" } } },
  });
  expect(refusal("Accounts", '{"a":{"USD":"1"}}')).toBe("a.USD must be an integer");
});

test("twin: read too, but the main key wins", () => {
  expect(fields("Twins", '{"page_size":1}')).toMatchObject({ pageSize: 1 });
  expect(fields("Twins", '{"page_size":1,"pageSize":2}')).toMatchObject({ pageSize: 2 });
});

test("script_variables: strings, integers, and amounts of an asset", () => {
  const text = `{"vars":{"s":"1/3","n":-12,"big":9007199254740993,
    "m":{"asset":"USD/2","amount":100},"q":{"asset":"USD/2","amount":"100"}}}`;
  expect(fields("Script", text)).toEqual({
    vars: { s: "1/3", n: "-12", big: "9007199254740993", m: "USD/2 100", q: "USD/2 100" },
  });
  for (const form of ["true", "null", "[]", "{}", '{"amount":1}', '{"asset":1,"amount":1}']) {
    expect(refusal("Script", `{"vars":{"x":${form}}}`)).toContain(
      "vars.x must be a string, an integer",
    );
  }
  for (const form of ["1.5", '{"asset":"USD","amount":1.5}', '{"asset":"USD"}']) {
    expect(refusal("Script", `{"vars":{"x":${form}}}`)).toBe("vars.x must be an integer");
  }
});

test("null_as_empty: null is the empty string", () => {
  expect(fields("Labels", '{"labels":{"a":null,"b":"c"}}')).toEqual({ labels: { a: "", b: "c" } });
  expect(refusal("Labels", '{"labels":{"a":1}}')).toBe("labels.a must be a string");
});

test("hidden: an unknown key", () => {
  expect(fields("Hidden", '{"shown":"a","secret":5}')).toEqual({ shown: "a", secret: "" });
});

test("a oneof without a choice in the path, and inlined messages, are refused at the start", () => {
  expect(() => messageDecoder(fixtureMessage("Config"))).toThrow("nothing says which member");
  expect(() => messageDecoder(fixtureMessage("Inlined"))).toThrow("is inlined");
});
