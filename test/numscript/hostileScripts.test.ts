import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Place } from "../../src/numscript/ast.js";
import { compile } from "../../src/numscript/compile.js";
import { Grammar } from "../../src/numscript/grammar.js";
import { lex } from "../../src/numscript/lexer.js";
import { print } from "../../src/numscript/print.js";
import type { ScriptProblem } from "../../src/numscript/problem.js";
import { SEEDS } from "../support/seeds.js";

/** Whether `problem` says something, about a place in `lines` that is not before `place`. */
function isFit({ message, span: { start, end } }: ScriptProblem, lines: string[], place: Place) {
  const isIn = ({ line, column }: Place) => column <= (lines[line - 1]?.length ?? -1) + 1;
  return (
    message !== "" &&
    !/undefined|NaN|null/.test(message) &&
    isIn(start) &&
    isIn(end) &&
    isOrdered(place, start) &&
    isOrdered(start, end)
  );
}

const isOrdered = (first: Place, second: Place): boolean =>
  first.line < second.line || (first.line === second.line && first.column <= second.column);

/** Compiling `script` ends, with a program that can be printed and read again or with problems that have a place in it. */
function expectJudged(script: string): void {
  const compiled = compile(script);
  if (compiled.ok) {
    expect(compile(print(compiled.value)).ok).toBe(true);
    return;
  }
  const lines = script.split(/\r\n|[\r\n]/);
  const problems = compiled.failure;
  const unfit = problems.filter((problem, index) => {
    const before = problems[index - 1]?.span.start ?? { line: 1, column: 1 };
    return !isFit(problem, lines, before);
  });
  expect(unfit).toEqual([]);
  expect(problems).not.toEqual([]);
}

const examples: { script: string }[] = JSON.parse(
  readFileSync(new URL("contract-examples.json", import.meta.url), "utf8"),
);

/** What scripts are made of, and some of what they are not. */
const WORDS =
  `vars max source destination send from up to remaining allowing unbounded overdraft oneof kept save with scaling
  through feature print fail meta account monetary #! [ ] { } ( ) = , * + - / \\ @ @a @a:b:$c $ $x $X USD USD/2 _ 1 1_0 1__0 5%
  0.5% . "a" " \\" // /* */ ; é 😀 \u0000 \ud800`.split(/\s+/);

const soup = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(" ", "", "\n", "\r\n")), {
    maxLength: 80,
  })
  .map((words) => words.flat().join(""));

/** A real script, some pieces of which were lost, doubled or replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...examples.map(({ script }) => script)),
    fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom("", " ", ...WORDS)), { maxLength: 4 }),
  )
  .map(([script, changes]) =>
    changes.reduce((text, [place, length, word]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + word + text.slice(at + length);
    }, script),
  );

/** Any characters, halves of surrogate pairs among them. */
const texts = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength: 200 })
  .map((units) => String.fromCharCode(...units));

test.each(SEEDS)("any text is judged, seed %i", (seed) => {
  fc.assert(fc.property(texts, expectJudged), {
    seed,
    numRuns: 300,
  });
});

test.each(SEEDS)("any words in any order are judged, seed %i", (seed) => {
  fc.assert(fc.property(soup, expectJudged), { seed, numRuns: 300 });
});

test.each(SEEDS)("scripts with typing mistakes are judged, seed %i", (seed) => {
  fc.assert(fc.property(mutated, expectJudged), { seed, numRuns: 300 });
});

/** How often the parser looks at a token of `script`. */
function looksAt(script: string): number {
  let looks = 0;
  const grammar = new Grammar(() => {});
  grammar.input = new Proxy(lex(script).tokens, {
    get(tokens, key) {
      if (typeof key === "string" && /^\d/.test(key)) looks++;
      return Reflect.get(tokens, key);
    },
  });
  grammar.script();
  return looks;
}

test.each([
  ["sends", "", "send [USD/2 1] (source = @a destination = @b)\n"],
  ["sources", "send [USD/2 1] (source = {", "@a "],
  ["shares", "send [USD/2 1] (source = @a destination = {", "1/2 to @a "],
  ["variables", "vars {", "number $x = 1 "],
  ["broken sends", "", "send [USD/2 ] (source = @a, @b destination)\n"],
  ["broken variables", "vars {", "number = x"],
  ["sends without an end", "", "send [USD/2 1] ("],
  ["signs that fit nowhere", "", "= "],
  ["signs that fit nowhere, deep inside", `print ${"(".repeat(90)}`, "= "],
  ["signs that fit nowhere, deep inside lists", `send $x (source = ${"{".repeat(90)}`, "= "],
])("how often the parser looks at %s grows as they do", (_, head, unit) => {
  const looksAtUnits = (count: number) => looksAt(head + unit.repeat(count)) - looksAt(head);
  expect(looksAtUnits(800) / looksAtUnits(100)).toBeLessThan(8.5);
});
