import { expect, test } from "vitest";
import { compile } from "../numscript/compile.js";
import type { ScriptProblem } from "../numscript/problem.js";
import { listProblems, playground, problemFacts, refusalFacts } from "./scriptMessages.js";

const problem = (line: number, message = "it is wrong"): ScriptProblem => ({
  kind: "syntax",
  message,
  span: { start: { line, column: 3 }, end: { line, column: 4 } },
});

test("all problems are listed, each with its place", () => {
  const compiled = compile("send [USD/2 1] (\n  source = $a\n  destination = $b\n)");
  const lines = compiled.ok ? [] : listProblems(compiled.failure).split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["2:12", "3:17"]);
});

test("a list of problems ends where it becomes too long for a header", () => {
  const many = Array.from({ length: 50 }, (_, index) => problem(index + 1));
  expect(listProblems(many).split("\n")).toHaveLength(21);
  expect(listProblems(many)).toMatch(/\n20:3 it is wrong\nand 30 more$/);
  const long = [problem(1, "x".repeat(5000)), problem(2)];
  expect(listProblems(long)).toHaveLength(2001);
  const { count, problems } = problemFacts(many);
  expect([count, JSON.parse(problems).length]).toEqual(["50", 5]);
  expect(JSON.parse(problemFacts(long).problems)[0]).toEqual({
    kind: "syntax",
    line: 1,
    column: 3,
    message: `${"x".repeat(100)}…`,
  });
});

test("a refusal tells its numbers and its place", () => {
  const span = problem(4).span;
  const funds = {
    kind: "missing-funds",
    account: "a",
    asset: "USD/2",
    needed: 7n,
    available: 5n,
  } as const;
  expect(refusalFacts({ ...funds, span })).toEqual({
    problem: "missing-funds",
    account: "a",
    asset: "USD/2",
    needed: "7",
    available: "5",
    line: "4",
    column: "3",
  });
  expect(refusalFacts({ ...funds, account: null, span })).not.toHaveProperty("account");
  expect(refusalFacts({ kind: "extraneous-variable", name: "x", span: null })).toEqual({
    problem: "extraneous-variable",
    name: "x",
  });
});

test("the playground shows a message with its line breaks", () => {
  const payload = playground("é <&>\nsecond").split("payload=")[1] ?? "";
  expect(Buffer.from(payload, "base64").toString()).toBe('{"error":"é <&>\\r\\nsecond"}');
});
