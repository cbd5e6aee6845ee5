import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { functions } from "./functions.js";
import { functionSignatures } from "./signatures.js";

/** The kinds of problems of `script`, in order. */
function kindsOf(script: string): string[] {
  const compiled = compile(script);
  return compiled.ok ? [] : compiled.failure.map(({ kind }) => kind);
}

const VARIABLES = `vars {
  account $account
  asset $asset
  number $number
  monetary $monetary
  portion $portion
  string $string
}
`;

const kindsOfStatement = (statement: string) => kindsOf(`${VARIABLES}${statement}`);

const send = (sent: string, source: string, destination = "@b") =>
  `send ${sent} ( source = ${source} destination = ${destination} )`;

test.each([
  ["an amount of money is sent", send("$number", "@a")],
  ["all of an asset is sent", send("[$number *]", "@a")],
  ["an account pays", send("$monetary", "$string")],
  ["a limit is an amount of money", send("$monetary", "@a allowing overdraft up to 5")],
  ["a colour is a string", send("$monetary", "@a \\ $asset")],
  ["an account is scaled", send("$monetary", "$asset with scaling through @c")],
  ["scaling goes through an account", send("$monetary", "@a with scaling through $asset")],
  ["a cap of a source is an amount of money", send("$monetary", "max 5 from @a")],
  ["a cap of a destination is one, too", send("$monetary", "@a", "{ max 5 kept remaining kept }")],
  ["a share of a source is a portion", send("$monetary", "{ 5 from @a remaining from @b }")],
  [
    "a share of a destination is one, too",
    send("$monetary", "@a", "{ $monetary kept remaining kept }"),
  ],
  ["an account receives", send("$monetary", "@a", "$string")],
  ["an account's balance is saved", "save $monetary from $asset"],
  ["an amount of money is saved", "save $asset from $account"],
  ["a key is a string", "set_tx_meta(KEY, 1)"],
  ["metadata is that of an account", 'set_account_meta("a", "key", 1)'],
  ["money has an asset", 'print ["USD" 1]'],
  ["money has a number", "print [USD 10%]"],
  ["only numbers are divided", "print 1 / $portion"],
  ["what is added is of one type", "print 1 + $monetary"],
  ["accounts cannot be added", "print @a + 1"],
  ["portions have no sign", "print -$portion"],
  ["a function is given what it takes", "print balance(@a, $monetary)"],
])("%s", (_, statement) => {
  expect(kindsOfStatement(statement)).toEqual(["type-error"]);
});

test("what has the right type everywhere has no problem", () => {
  const script = `${VARIABLES}
    ${send("$monetary - [$asset get_amount($monetary)]", "{ $account \\ $string allowing overdraft up to -$monetary max $monetary from @x:$account:$string:$number }")}
    ${send("[get_asset($monetary) *]", "{ @a with scaling through $account }", "{ $portion to $account 1/($number + 1) kept }")}
    save [$asset *] from $account
    set_tx_meta($string, $portion)
    set_account_meta($account, "k", -$number - -1)
    print overdraft($account, $asset) + balance(@a, USD)`;
  expect(kindsOf(script)).toEqual([]);
});

test("a variable is declared once, before its use, with a type that exists", () => {
  expect(kindsOf("print $a")).toEqual(["unbound-variable"]);
  expect(kindsOf("print @users:$a")).toEqual(["unbound-variable"]);
  expect(kindsOf("vars { number $a = $b number $b }")).toEqual(["unbound-variable"]);
  expect(kindsOf("vars { number $a = $a }")).toEqual(["unbound-variable"]);
  expect(kindsOf("vars { number $a string $a }")).toEqual(["duplicate-variable"]);
  expect(kindsOf("vars { money $a } print $a + 1")).toEqual(["invalid-type"]);
});

test("variables whose declarations cannot be read are not said to be missing", () => {
  expect(kindsOf("vars { number $a = } print $a")).toEqual(["syntax"]);
  expect(kindsOf("vars { number a } print $a")).toEqual(["syntax"]);
});

test("an origin gives a value of the declared type, and meta() of any", () => {
  expect(kindsOf('vars { account $a = meta(@b, "k") portion $p = meta($a, "k") }')).toEqual([]);
  expect(kindsOf("vars { number $a = balance(@b, USD) }")).toEqual(["type-error"]);
  expect(kindsOf("vars { monetary $a = 5 }")).toEqual(["type-error"]);
  expect(kindsOf("vars { number $a = meta(@b, USD) }")).toEqual(["type-error"]);
  expect(kindsOf("vars { number $a = meta(@b) }")).toEqual(["bad-arity"]);
});

test("functions exist, stand where they may, and are given as many values as they take", () => {
  expect(kindsOf('print meta(@a, "k")')).toEqual(["invalid-nested-meta"]);
  expect(kindsOf('vars { number $a = 1 + meta(@a, "k") }')).toEqual(["invalid-nested-meta"]);
  expect(kindsOf("print bilance(@a, USD)")).toEqual(["unbound-function"]);
  expect(kindsOf('print set_tx_meta("k", 1)')).toEqual(["unbound-function"]);
  expect(kindsOf("balance(@a, USD)")).toEqual(["unbound-function"]);
  expect(kindsOf("print balance(1)")).toEqual(["bad-arity"]);
  expect(kindsOf("set_account_meta(@a, 1)")).toEqual(["bad-arity"]);
});

test("portions and money are no part of an account", () => {
  expect(kindsOfStatement("print @a:$portion:$monetary")).toEqual([
    "cannot-cast-to-string",
    "cannot-cast-to-string",
  ]);
});

test("features are those that exist", () => {
  expect(kindsOf('#![feature("experimental-oneof", "experimental-magic")]')).toEqual([
    "invalid-feature",
  ]);
});

test("nothing is divided by zero", () => {
  expect(kindsOf("print 1 / (2 - 2)")).toEqual(["divide-by-zero"]);
  expect(kindsOfStatement("print 1 / $number")).toEqual([]);
});

const shares = (portions: string) =>
  kindsOfStatement(send("$monetary", "@a", `{ ${portions.replaceAll(",", " kept ")} kept }`));

test.each([
  "1/2, 1/4",
  "50%, 51%",
  "1/2, 2/3, remaining",
  "1/2, 2/3, $portion",
  "remaining, remaining",
  "-1/2, remaining",
  "3/2",
  "0%",
])("shares of %s cannot add up", (portions) => {
  expect(shares(portions)).toEqual(["invalid-allotment-sum"]);
  const clauses = portions.replaceAll(",", " from @a ");
  expect(kindsOfStatement(send("$monetary", `{ ${clauses} from @b }`))).toEqual([
    "invalid-allotment-sum",
  ]);
});

test.each([
  "1/3, 1/3, 1/3",
  "12.5%, 7/8",
  "remaining, 2.9%",
  "1/2, 1/2, remaining",
  "1/2, $portion",
  "$portion, $portion, remaining",
  "1/($number + 1), 1/2",
  "100%",
])("shares of %s may add up", (portions) => {
  expect(shares(portions)).toEqual([]);
});

test("portions too large to add in passing are left to the run", () => {
  const primes = Array.from({ length: 400 }, (_, index) => `1/${10n ** 5n + BigInt(index)}`);
  expect(shares([...primes, "99%"].join(","))).toEqual([]);
  expect(shares(`1/${"9".repeat(2000)}, 0.${"0".repeat(2000)}1%`)).toEqual([]);
});

test("a source without end, or one with shares, cannot be emptied", () => {
  const all = (source: string) => kindsOfStatement(send("[USD *]", source));
  expect(all("@world")).toEqual(["invalid-unbounded-in-send-all"]);
  expect(all("@world allowing overdraft up to [USD 5]")).toEqual(["invalid-unbounded-in-send-all"]);
  expect(all("{ @a $account allowing unbounded overdraft }")).toEqual([
    "invalid-unbounded-in-send-all",
  ]);
  expect(all("{ @a { 1/2 from @b 1/2 from @c } }")).toEqual(["invalid-allotment-in-send-all"]);
  expect(all("oneof { { remaining from @a } @b }")).toEqual(["invalid-allotment-in-send-all"]);
  for (const source of [
    "max [USD 5] from @world",
    "{ max [USD 5] from { 1/2 from @world 1/2 from @b } $account }",
    "oneof { @a @world }",
    "@a allowing overdraft up to [USD 5]",
  ]) {
    expect(all(source)).toEqual([]);
  }
  expect(kindsOfStatement(send("[USD 5]", "{ @world { remaining from @a } }"))).toEqual([]);
});

test("odd but lawful scripts have no problem", () => {
  expect(kindsOf("vars { number $unused }")).toEqual([]);
  expect(kindsOf(send("[USD 5]", "{ @a @a @world allowing unbounded overdraft @b }"))).toEqual([]);
  expect(kindsOf(send("[USD 5]", "max [COIN 1] from @a"))).toEqual([]);
});

test("the functions that are checked are those that run", () => {
  const parameters = (known: ReadonlyMap<string, { readonly parameters: readonly string[] }>) =>
    [...known].map(([name, each]) => [name, ...each.parameters]).sort();
  expect(parameters(functionSignatures)).toEqual(parameters(functions));
});
