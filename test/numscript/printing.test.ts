import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/numscript/compile.js";
import { parse } from "../../src/numscript/parse.js";
import { print } from "../../src/numscript/print.js";
import { SEEDS } from "../support/seeds.js";
import { programs, wildPrograms } from "./programs.js";
import { hasPublishedVectors, publishedVectors } from "./publishedVectors.js";

/** `program` as text that shows everything but where it stands. */
const withoutSpans = (program: unknown): string =>
  JSON.stringify(
    program,
    (key, value) => {
      if (key === "span" || key === "typeSpan") return undefined;
      return typeof value === "bigint" ? `${value}n` : value;
    },
    1,
  );

function expectSameAfterPrinting(script: string): void {
  const compiled = compile(script);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.failure));
  const again = compile(print(compiled.value));
  expect(withoutSpans(again)).toBe(withoutSpans(compiled));
}

const examples: { name: string; script: string }[] = JSON.parse(
  readFileSync(new URL("contract-examples.json", import.meta.url), "utf8"),
);

test.each(examples)("printing keeps what $name says", ({ script }) => {
  expectSameAfterPrinting(script);
});

describe.skipIf(!hasPublishedVectors)("printing keeps what the published vectors say", () => {
  test.each(hasPublishedVectors ? publishedVectors() : [])("$name", ({ script }) => {
    expectSameAfterPrinting(script);
  });
});

test.each(SEEDS)("printing and reading again is the identity, seed %i", (seed) => {
  fc.assert(
    fc.property(fc.oneof(programs, wildPrograms), (program) => {
      const { features, variables, statements, problems } = parse(print(program));
      expect(problems).toEqual([]);
      expect(withoutSpans({ features, variables, statements })).toBe(
        withoutSpans({
          features: program.features,
          variables: program.variables,
          statements: program.statements,
        }),
      );
    }),
    { seed, numRuns: 200 },
  );
});

test.each(SEEDS)("a program that is printed twice is the same text, seed %i", (seed) => {
  fc.assert(
    fc.property(programs, (program) => {
      const compiled = compile(print(program));
      if (!compiled.ok) return;
      expect(compiled.value.isForInterpreter).toBe(program.isForInterpreter);
      expect(print(compiled.value)).toBe(print(program));
    }),
    { seed, numRuns: 100 },
  );
});

/** What the types of a program cannot prevent. */
const VALUE_PROBLEMS = [
  "divide-by-zero",
  "invalid-unbounded-in-send-all",
  "invalid-allotment-in-send-all",
  "cannot-cast-to-string",
];

test.each(SEEDS)("a program whose types are right has no problem with types, seed %i", (seed) => {
  fc.assert(
    fc.property(programs, (program) => {
      const compiled = compile(print(program));
      if (compiled.ok) return;
      expect(VALUE_PROBLEMS).toEqual(
        expect.arrayContaining(compiled.failure.map(({ kind }) => kind)),
      );
    }),
    { seed, numRuns: 100 },
  );
});
