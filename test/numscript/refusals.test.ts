import { describe, expect, test } from "vitest";
import { describeRefusal } from "../../src/numscript/describe.js";
import { parse } from "../../src/numscript/parse.js";
import type { ScriptRefusal } from "../../src/numscript/refusal.js";
import { run } from "../../src/numscript/run.js";
import { type Circumstances, inputOf, outcomeOf, textsOf } from "./books.js";

/** Why `script` is refused while it runs: it was read, but not checked before. */
function refusalOf(script: string, circumstances: Circumstances = {}): ScriptRefusal {
  const { features, variables, statements, problems } = parse(script);
  expect(problems).toEqual([]);
  const program = { features, variables, statements, isForInterpreter: false };
  const ended = run(program, inputOf(circumstances));
  if (ended.kind !== "refused") throw new Error(`not refused: ${ended.kind}`);
  return ended.refusal;
}

const send = (sent: string, source: string, destination = "@x"): string =>
  `send ${sent} (source = ${source} destination = ${destination})`;

interface Case {
  readonly script: string;
  readonly given?: Circumstances;
  /** What the refusal holds besides its kind and place. */
  readonly facts?: object;
  readonly text: string;
}

const cases: Record<ScriptRefusal["kind"], Case> = {
  "missing-funds": {
    script: send("[COIN 10]", "@a"),
    given: { balances: { "a COIN": 3n } },
    facts: { account: "a", asset: "COIN", needed: 10n, available: 3n },
    text: "account had insufficient funds",
  },
  failed: { script: "fail", text: "1:1 the script says fail" },
  "type-error": {
    script: "set_tx_meta(COIN, 1)",
    facts: { expected: "string", found: { type: "asset", asset: "COIN" } },
    text: "1:13 expected a string, found the asset COIN",
  },
  "unbound-variable": {
    script: "print $x",
    facts: { name: "x" },
    text: "1:7 the variable $x is not declared",
  },
  "missing-variable": {
    script: "vars { number $x }",
    facts: { name: "x" },
    text: "could not set variables: missing variable $x",
  },
  "extraneous-variable": {
    script: "vars { number $x }",
    given: { variables: { x: "1", y: "2" }, isStrict: true },
    facts: { name: "y" },
    text: "could not set variables: extraneous variable $y",
  },
  "invalid-type": {
    script: "vars { money $x }",
    given: { variables: { x: "1" } },
    facts: { name: "money" },
    text: "1:8 there is no type money",
  },
  "invalid-number-literal": {
    script: "vars { number $x }",
    given: { variables: { x: "1_000" } },
    facts: { text: "1_000" },
    text: "could not set variables: invalid JSON value for variable $x of type number: value 1_000: a number is an integer of at most 100000 digits",
  },
  "invalid-monetary-literal": {
    script: "vars { monetary $x }",
    given: { variables: { x: "COIN -1" }, isStrict: true },
    text: "could not set variables: invalid JSON value for variable $x of type monetary: value [COIN -1]: negative amount",
  },
  "invalid-asset": {
    script: "vars { asset $x }",
    given: { variables: { x: "usd" } },
    text: "could not set variables: invalid JSON value for variable $x of type asset: value usd: assets should respect pattern ^[A-Z][A-Z0-9]{0,16}(_[A-Z]{1,16})?(/\\d{1,6})?$",
  },
  "invalid-account-name": {
    script: "vars { string $x } print @a:$x",
    given: { variables: { x: "no name" } },
    facts: { text: "a:no name" },
    text: "1:26 value a:no name: accounts should respect pattern ^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$",
  },
  "bad-portion-parsing": {
    script: 'vars { portion $x = meta(@a, "cut") }',
    given: { metadata: { a: { cut: "101%" } } },
    text: "invalid format for metadata at key cut for account a: value 101%: not between 0% and 100%",
  },
  "invalid-metadata": {
    script: 'vars { number $x = meta(@a, "n") }',
    given: { metadata: { a: { n: { type: "asset", value: "USD" } } } },
    text: 'invalid format for metadata at key n for account a: value {"type":"asset","value":"USD"}: not of type number',
  },
  "metadata-not-found": {
    script: 'vars { number $x = meta(@a, "toString") }',
    facts: { account: "a", key: "toString" },
    text: "missing key toString in metadata for account a",
  },
  "invalid-nested-meta": {
    script: 'print meta(@a, "k")',
    text: "1:7 meta() can only be all of what a variable is set to",
  },
  "negative-balance": {
    script: "vars { monetary $x = balance(@a, COIN) }",
    given: { balances: { "a COIN": -4n } },
    facts: { account: "a", asset: "COIN", balance: -4n },
    text: "could not resolve program resources: 1:22 the balance of a is negative: [COIN -4]",
  },
  "negative-amount": {
    script: send("[COIN -10]", "@a"),
    facts: { asset: "COIN", amount: -10n },
    text: "1:6 cannot send or save a negative amount: [COIN -10]",
  },
  "mismatched-currency": {
    script: "print [COIN 1] + [GEM 1]",
    facts: { expected: "COIN", found: "GEM" },
    text: "1:7 expected an amount of COIN, found one of GEM",
  },
  "invalid-allotment-sum": {
    script: send("[COIN 10]", "@world", "{ 1/2 to @x 1/3 to @y }"),
    facts: { sum: { numerator: 5n, denominator: 6n } },
    text: "1:47 the portions add up to 5/6 instead of 1",
  },
  "invalid-allotment-in-send-all": {
    script: send("[COIN *]", "{ 1/2 from @a remaining from @b }"),
    text: "1:25 all there is cannot be taken in portions",
  },
  "invalid-unbounded-in-send-all": {
    script: send("[COIN *]", "{ @a @world }"),
    facts: { account: "world" },
    text: "1:30 there is no end to what world can send: set a limit with max",
  },
  "invalid-unbounded-address-in-scaling-address": {
    script: send("[COIN 1]", "@world with scaling through @x"),
    text: "1:25 world cannot be scaled",
  },
  "divide-by-zero": { script: "print 1/0", text: "1:7 cannot divide by zero" },
  "unbound-function": {
    script: "constructor(1)",
    facts: { name: "constructor" },
    text: "1:1 there is no function constructor that can be called here",
  },
  "bad-arity": {
    script: "set_tx_meta(COIN)",
    facts: { name: "set_tx_meta", expected: 2, given: 1 },
    text: "1:1 set_tx_meta takes 2 arguments, not 1",
  },
  "experimental-feature": {
    script: send("[COIN 1]", "oneof { @a }"),
    given: { features: [] },
    facts: { feature: "experimental-oneof" },
    text: "1:25 the feature experimental-oneof is not switched on",
  },
  "cannot-cast-to-string": {
    script: "vars { portion $x } print @a:$x",
    given: { variables: { x: "1/2" } },
    text: "1:30 the portion 1/2 cannot be a part of an account's name",
  },
  "invalid-color": {
    script: send("[COIN 1]", '@a \\ "red"'),
    facts: { color: "red" },
    text: "1:30 red is no colour: it takes 1 to 16 capital letters, and an asset has one colour at most",
  },
  "limit-exceeded": {
    script: "vars { number $x } print $x + $x",
    given: { variables: { x: "9".repeat(100_000) } },
    text: "1:26 the numbers become too large to compute with",
  },
};

describe("a script is refused, with a sentence and its facts", () => {
  test.each(Object.entries(cases))("%s", (kind, { script, given, facts, text }) => {
    const refusal = refusalOf(script, given);
    expect(refusal).toMatchObject({ kind, ...facts });
    expect(describeRefusal(refusal)).toBe(text);
  });
});

describe("a portion of a block is refused", () => {
  test.each([
    [
      "with a sum over one",
      "{ 2/3 to @x 1/2 to @y remaining to @z }",
      { numerator: 7n, denominator: 6n },
    ],
    ["if it is negative", "{ 1/(0 - 2) to @x remaining to @y }", null],
    ["if what remains is there twice", "{ 1/2 to @x remaining to @y remaining to @z }", null],
  ])("%s", (_name, destination, sum) => {
    const refusal = refusalOf(send("[COIN 10]", "@world", destination));
    expect(refusal).toMatchObject({ kind: "invalid-allotment-sum", sum });
  });
});

test("the wrong number of arguments is told before a wrong argument", () => {
  expect(refusalOf("print balance(COIN)").kind).toBe("bad-arity");
});

test("what all statements send is judged before the first of them runs", () => {
  const script = `${send("[COIN 1]", "@poor")} ${send("[COIN 1]", "$nobody")}`;
  expect(refusalOf(script)).toMatchObject({ kind: "unbound-variable", name: "nobody" });
});

test("caps and limits are evaluated even where nothing is needed", () => {
  expect(refusalOf(send("[COIN 0]", "max [GEM 5] from @a")).kind).toBe("mismatched-currency");
  expect(refusalOf(send("[COIN 0]", "@a allowing overdraft up to [GEM 5]")).kind).toBe(
    "mismatched-currency",
  );
});

test("texts of any length make short sentences", () => {
  const long = "x".repeat(100_000);
  const refusal = refusalOf("vars { asset $x }", { variables: { x: long } });
  expect(describeRefusal(refusal).length).toBeLessThan(500);
});

test.each([
  ["amounts", `vars { monetary $m } ${send("$m", "@world", "@x").repeat(200)}`],
  ["portions", `vars { number $n } ${"print $n/$n ".repeat(7_000)}`],
  ["shares", `vars { monetary $m } ${send("$m", "@world", `{ ${"1/200 to @x ".repeat(200)} }`)}`],
])("numbers that are too large in all are refused: %s", (_name, script) => {
  const variables = script.includes("$n")
    ? { n: "7".repeat(999) }
    : { m: `COIN ${"7".repeat(99_999)}` };
  expect(refusalOf(script, { variables }).kind).toBe("limit-exceeded");
});

test("a name is never longer than an account's may be", () => {
  const variables = { s: "a".repeat(600) };
  const script = "vars { string $s } print @x:$s:$s";
  expect(refusalOf(script, { variables }).kind).toBe("invalid-account-name");
});

test("an asset has one colour at most", () => {
  const variables = { unit: "USD_RED/2" };
  const script = `vars { asset $unit } ${send("[$unit 1]", '@a \\ "BLUE"')}`;
  expect(refusalOf(script, { variables })).toMatchObject({ kind: "invalid-color", color: "BLUE" });
});

test("in version 1 a negative amount is more than an account with an end can pay", () => {
  const strict = { isStrict: true, balances: { "a COIN": 50n } };
  const kindOf = (source: string) => refusalOf(send("[COIN -10]", source), strict).kind;
  expect(kindOf("@a")).toBe("missing-funds");
  expect(kindOf("{ @a @world }")).toBe("negative-amount");
  expect(kindOf("@a allowing unbounded overdraft")).toBe("negative-amount");
});

test("an account without a name can be written down, and nothing else", () => {
  const variables = { x: "" };
  const kindOf = (script: string) => refusalOf(`vars { account $x } ${script}`, { variables }).kind;
  const written = outcomeOf('vars { account $x } set_tx_meta("k", $x)', { variables });
  expect(textsOf(written.transactionMetadata)).toEqual({ k: "" });
  expect(kindOf(send("[COIN 1]", "@world", "$x"))).toBe("invalid-account-name");
  expect(kindOf(send("[COIN 1]", "$x"))).toBe("invalid-account-name");
  expect(kindOf('set_account_meta($x, "k", 1)')).toBe("invalid-account-name");
});

test("the value of an origin is of the declared type", () => {
  expect(refusalOf("vars { number $x = balance(@a, COIN) }")).toMatchObject({
    kind: "type-error",
    expected: "number",
    found: { type: "monetary", asset: "COIN", amount: 0n },
  });
});
