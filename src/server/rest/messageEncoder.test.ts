import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { fixtureMessage } from "../../../test/rest/fixture.js";
import { messageEncoder } from "./messageEncoder.js";

/** The REST form of a message of the fixture. */
function encode(
  name: string,
  init: MessageInitShape<DescMessage> & Record<string, unknown>,
): string {
  const desc = fixtureMessage(name);
  return messageEncoder(desc)(create(desc, init) as never);
}

const utc = (text: string, nanos = 0) => ({ seconds: BigInt(Date.parse(text) / 1000), nanos });

test("prints every kind of field, 64-bit integers bare", () => {
  const text = encode("Plain", {
    text: 'a "b"\n',
    flag: true,
    int32Value: -1,
    uint32Value: 2,
    int64Value: -(2n ** 63n),
    uint64Value: 2n ** 64n - 1n,
    doubleValue: 1.5,
    data: new Uint8Array([255, 0]),
    child: { text: "child" },
    texts: ["x", ""],
    children: [{ flag: true }, {}],
    labels: { k: "v", __proto: "" },
    named: { n: { int32Value: 1 } },
    struct: { a: [1, null, { b: "c" }], big: 1e21, zero: -0 },
    duration: { seconds: 120n, nanos: 0 },
    choice: { case: "right", value: 0n },
  });
  expect(text).toBe(
    '{"text":"a \\"b\\"\\n","flag":true,"int32Value":-1,"uint32Value":2,' +
      '"int64Value":-9223372036854775808,"uint64Value":18446744073709551615,"doubleValue":1.5,' +
      '"data":"/wA=","child":{"text":"child"},"texts":["x",""],"children":[{"flag":true},{}],' +
      '"labels":{"k":"v","__proto":""},"named":{"n":{"int32Value":1}},' +
      '"struct":{"a":[1,null,{"b":"c"}],"big":1e+21,"zero":0},"duration":"2m0s","right":0}',
  );
});

test("leaves out what is empty, but not an optional field that is set", () => {
  expect(encode("Plain", {})).toBe("{}");
  expect(encode("Plain", { optionalText: "", optionalInt: 0n })).toBe(
    '{"optionalText":"","optionalInt":0}',
  );
});

test("a message of one optional field is no oneof", () => {
  expect(encode("WatchRequest", { lastEventId: 5n })).toBe('{"lastEventId":5}');
});

test("prints timestamps as RFC 3339, trailing zeros trimmed", () => {
  const show = (nanos: number) => encode("Plain", { time: utc("2023-07-10T12:00:00Z", nanos) });
  expect(show(0)).toBe('{"time":"2023-07-10T12:00:00Z"}');
  expect(show(120_000_000)).toBe('{"time":"2023-07-10T12:00:00.12Z"}');
  expect(show(1)).toBe('{"time":"2023-07-10T12:00:00.000000001Z"}');
  expect(encode("Plain", { time: utc("0001-01-01T00:00:00Z") })).toContain("0001-01-01T00:00:00Z");
});

test("number: decimal text is a bare integer of any size", () => {
  const big = "123456789012345678901234567890";
  expect(encode("Numbers", { amount: big, balances: { USD: "-1" }, amounts: ["0", "7"] })).toBe(
    `{"amount":${big},"balances":{"USD":-1},"amounts":[0,7]}`,
  );
});

test("number: text that is no integer is a fault, never printed", () => {
  for (const amount of ["1.5", "1e3", "01", "-", "abc", '1,"x":2']) {
    expect(() => encode("Numbers", { amount })).toThrow("not a decimal integer");
  }
});

test("raw_json: the text itself", () => {
  expect(encode("Raw", { raw: '{"a":[1.10,9007199254740993]}' })).toBe(
    '{"raw":{"a":[1.10,9007199254740993]}}',
  );
});

test("flatten: the message is shown as its field, nested maps too", () => {
  expect(encode("Accounts", { accounts: { a: { assets: { USD: "1" } }, b: {} } })).toBe(
    '{"a":{"USD":1},"b":{}}',
  );
  expect(encode("Assets", {})).toBe("{}");
});

test("a message that is one oneof is shown as its member", () => {
  expect(encode("TargetId", { id: { case: "address", value: "users:1" } })).toBe('"users:1"');
  expect(encode("TargetId", { id: { case: "txid", value: 7n } })).toBe("7");
  expect(encode("TargetId", {})).toBe("null");
  expect(encode("Config", { config: { case: "red", value: { shade: "dark" } } })).toBe(
    '{"shade":"dark"}',
  );
});

test("empty: the zero value of each type", () => {
  expect(JSON.parse(encode("Zeros", {}))).toEqual({
    text: "",
    flag: false,
    id: 0,
    ratio: 0,
    texts: [],
    labels: {},
    metadata: {},
    child: {},
    maybe: "",
    amount: 0,
    raw: {},
    time: "0001-01-01T00:00:00Z",
    duration: "0s",
    colour: "",
  });
});

test("empty: null", () => {
  expect(encode("Nulls", {})).toBe('{"text":null,"maybe":null,"labels":null,"child":null}');
  expect(encode("Nulls", { maybe: "", child: {} })).toBe(
    '{"text":null,"maybe":"","labels":null,"child":{}}',
  );
});

test("twin: the value under both keys, or under neither", () => {
  expect(encode("Twins", { pageSize: 15 })).toBe(
    '{"pageSize":15,"page_size":15,"hasMore":false,"has_more":false}',
  );
});

test("seconds_only: the fraction is dropped, towards the past", () => {
  expect(encode("Seconds", { at: utc("1969-12-31T23:59:59Z", 999_999_999) })).toBe(
    '{"at":"1969-12-31T23:59:59Z"}',
  );
});

test("hidden: never shown", () => {
  expect(encode("Hidden", { shown: "a", secret: "b" })).toBe('{"shown":"a"}');
});

test("inline: keys stand among those of the message around them", () => {
  const config = { config: { case: "red", value: { shade: "dark" } } };
  expect(encode("Inlined", { name: "n", config, twins: { hasMore: true } })).toBe(
    '{"name":"n","shade":"dark","hasMore":true,"has_more":true}',
  );
  expect(encode("Inlined", { config: { config: { case: "lightBlue", value: {} } } })).toBe("{}");
  expect(encode("Inlined", { name: "n", config: {} })).toBe('{"name":"n"}');
});

test("types without a REST form are refused at the start", () => {
  expect(() => messageEncoder(fixtureMessage("Foreign"))).toThrow(
    "google.protobuf.Value has no REST",
  );
});

test("enums: the name that options give, else the value's own without its prefix", () => {
  expect(encode("Plain", { colour: 1 })).toBe('{"colour":"RED"}');
  expect(encode("Plain", { colour: 2 })).toBe('{"colour":"light blue"}');
  expect(() => encode("Plain", { colour: 99 })).toThrow("99 is no value of");
});
