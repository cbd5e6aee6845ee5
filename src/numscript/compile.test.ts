import { expect, test } from "vitest";
import { compile } from "./compile.js";

/** The problems of `script`, each as "line:column kind: message". */
function problemsOf(script: string): string[] {
  const compiled = compile(script);
  if (compiled.ok) return [];
  return compiled.failure.map(
    ({ kind, message, span: { start } }) => `${start.line}:${start.column} ${kind}: ${message}`,
  );
}

const send = (sent: string, source: string, destination: string) =>
  `send ${sent} (\n  source = ${source}\n  destination = ${destination}\n)\n`;

test("all problems are told at once, in the order of their places, whoever finds them", () => {
  const script = `vars {
  money $price
  account
}
send [USD/2 ] (
  source = @users::1
  destination = )
send $price / 0 (
  source = $payer
  destination = { 60% to @a 1/2 t @b }
)
garbage
print 1 + "x"`;
  expect(problemsOf(script)).toEqual([
    "2:3 invalid-type: there is no such type: it is account, asset, monetary, number, portion or string",
    "4:1 syntax: expected a variable, found '}'",
    "5:13 syntax: expected an amount or \"*\", found ']'",
    "6:12 invalid-account-name: '@users::1' is not an account such as @users:42: a segment is empty",
    "7:17 syntax: expected a destination, found ')'",
    '10:33 syntax: expected "to" or "kept", found \'t\'',
    "12:1 syntax: expected a statement, found 'garbage'",
    "13:11 type-error: expected a number, found a string",
  ]);
});

/** A send with one problem in it, and what is said of it. */
const faults: readonly (readonly [script: string, problem: string])[] = [
  [
    "send [USD/2 1] (source = @a destination = @b",
    '1:45 syntax: expected ")" in a send, found the end of the script',
  ],
  ["send [USD/2 1] (source = @a)", "1:28 syntax: expected \"destination\" in a send, found ')'"],
  [
    "send [USD/2 1] ()",
    '1:17 syntax: expected "source =" or "destination =" in a send, found \')\'',
  ],
  [
    "send 100 usd (source = @a destination = @b)",
    "1:10 syntax: expected \"(\" in a send, found 'usd'",
  ],
  [send("[USD *] + [USD 1]", "@a", "@b"), "1:14 syntax: expected \"(\" in a send, found '+'"],
  [
    send("[USD 1]", "[USD *]", "@b"),
    '2:17 syntax: "[… *]" stands only directly after "send" and "save"',
  ],
  [
    send("[USD 1]", "{ @a, @b }", "@c"),
    "2:16 syntax: expected \"}\" in a list of sources, found ','",
  ],
  [
    send("[USD 1]", "@a", "{}"),
    '3:18 syntax: expected a portion, "remaining" or "max", found \'}\'',
  ],
  [send("[USD 1]", "oneof {}", "@b"), "2:19 syntax: expected a source, found '}'"],
  [
    send("[USD 1]", "@a allowing overdraft", "@b"),
    "3:3 syntax: expected \"up\" after the account, found 'destination'",
  ],
  [
    "vars { number n } print 1",
    '1:15 syntax: \'n\' is not a variable: "$" is followed by a to z, 0 to 9 and "_", and no digit comes first',
  ],
  ["print 1 vars { number $n }", "1:9 syntax: expected a statement, found 'vars'"],
  ["#![features()]", "1:4 syntax: expected \"feature\" in the feature line, found 'features'"],
  ["print 1__0", "1:7 syntax: '1__0' is not a number: a single \"_\" may stand between two digits"],
  ["print 10_", "1:7 syntax: '10_' is not a number: a single \"_\" may stand between two digits"],
  ['print "a\\"', "1:7 syntax: this string does not end on its line"],
  ['print "a\nprint 1', "1:7 syntax: this string does not end on its line"],
  ["print 1 /* /* */", "1:9 syntax: this comment does not end"],
  ["print 1 ; print 2", "1:9 syntax: unexpected ';'"],
  [
    "print @a:",
    "1:7 invalid-account-name: '@a:' is not an account such as @users:42: a segment is empty",
  ],
  [
    "print @ a",
    "1:7 invalid-account-name: '@' is not an account such as @users:42: a segment is empty",
  ],
  [
    "print USD/1234567",
    "1:7 invalid-asset: 'USD/1234567' is not an asset such as USD/2: at most 17 capitals and digits, then \"/\" and at most 6 digits",
  ],
];

test.each(faults.map(([script, problem]) => ({ script, problem })))(
  "$problem",
  ({ script, problem }) => {
    expect(problemsOf(script)[0]).toBe(problem);
  },
);

test("an account that no ledger holds is refused", () => {
  expect(problemsOf(`print @${"a".repeat(1024)}`)).toEqual([]);
  expect(problemsOf(`print @${"a".repeat(1025)}`)).toEqual([
    "1:7 invalid-account-name: an account has at most 1024 characters",
  ]);
});

test("messages quote little of a long word, and whole characters of it", () => {
  const [problem] = problemsOf(`print @${"a".repeat(38)}:${"b".repeat(500)}$`);
  expect(problem?.length).toBeLessThan(250);
  expect(problemsOf(`${"é".repeat(39)}😀é`)).toEqual([
    `1:1 syntax: unexpected '${"é".repeat(39)}…'`,
  ]);
});

test.each([
  ["parentheses", (n: number) => `print ${"(".repeat(n)}1${")".repeat(n)}`],
  ["signs", (n: number) => `print ${"-".repeat(n)}1`],
  ["amounts", (n: number) => `print ${"[USD ".repeat(n)}1${"]".repeat(n)}`],
  ["calls", (n: number) => `print ${"f(".repeat(n)}1${")".repeat(n)}`],
  ["lists of sources", (n: number) => send("[USD 1]", `${"{".repeat(n)}@a${"}".repeat(n)}`, "@b")],
  ["caps", (n: number) => send("[USD 1]", `${"max [USD 1] from ".repeat(n - 1)}@a`, "@b")],
  [
    "destinations",
    (n: number) =>
      send("[USD 1]", "@a", `${"{ remaining to ".repeat(n - 1)}@b${"}".repeat(n - 1)}`),
  ],
])("%s within each other are read a hundred deep, and then refused", (_, nested) => {
  const isTooDeep = (script: string) =>
    problemsOf(script).some((each) => each.includes("limit-exceeded"));
  expect(isTooDeep(nested(100))).toBe(false);
  expect(problemsOf(nested(101))).toEqual([
    expect.stringContaining("more than 100 constructs within each other"),
  ]);
  expect(isTooDeep(nested(20_000))).toBe(true);
});

test("an expression has at most 500 operators, those within parentheses included", () => {
  expect(problemsOf(`print 1${" + 1".repeat(500)} print 1${" - 1".repeat(500)}`)).toEqual([]);
  for (const script of [
    `print 1${" / 1".repeat(501)}`,
    `print (1${" + 1".repeat(250)})${" + 1".repeat(251)}`,
  ]) {
    expect(problemsOf(script)).toEqual([
      expect.stringContaining("more than 500 operators in one expression"),
    ]);
  }
});

test("what stands before the place where a script breaks off is checked too", () => {
  expect(problemsOf(`${send("[USD 1]", "$x", "@a")}send (`)).toEqual([
    "2:12 unbound-variable: $x is not declared",
    "5:7 syntax: expected a value, found the end of the script",
  ]);
});

test("the operators of different expressions are not counted together", () => {
  const shares = "1/600 to @a ".repeat(600);
  expect(problemsOf(send("[USD 1]", "@b", `{ ${shares} }`))).toEqual([]);
});

test("a script that is too long is refused unread", () => {
  expect(problemsOf(" ".repeat(1 << 18))).toEqual([]);
  expect(problemsOf(" ".repeat((1 << 18) + 1))).toEqual([
    "1:1 limit-exceeded: a script has at most 262144 characters; this one has 262145",
  ]);
  expect(problemsOf("fail ".repeat(50_000))).toEqual([]);
  expect(problemsOf("fail ".repeat(50_001))).toEqual([
    "1:250001 limit-exceeded: a script has at most 50000 words and signs",
  ]);
  expect(problemsOf(`print ${"1".repeat(100_001)}`)).toEqual([
    "1:7 limit-exceeded: a number has at most 100000 digits",
  ]);
  expect(problemsOf(`print 0.${"1".repeat(100_000)}%`)).toEqual([
    "1:7 limit-exceeded: a percentage has at most 100000 digits",
  ]);
});

test("of very many problems the first hundred are told", () => {
  for (const unit of ["garbage fail ", "print @ ", "; ", "{ @a ] ", "print $x ", "send fail "]) {
    expect(problemsOf(unit.repeat(3000)).length).toBeLessThanOrEqual(100);
  }
  expect(problemsOf("print $x ".repeat(3000))).toHaveLength(100);
  expect(problemsOf(send("[USD 1]", `{ ${"@a ] ".repeat(20_000)} }`, "@b"))).toHaveLength(100);
});
