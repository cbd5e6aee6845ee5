import { fail, ok, type Result } from "../lib/result.js";
import type { Program } from "./ast.js";
import { check } from "./check.js";
import { MAX_PROBLEMS, parse } from "./parse.js";
import type { ScriptProblem } from "./problem.js";

/** In UTF-16 units. */
const MAX_LENGTH = 1 << 18;

const isForInterpreter = (comment: string): boolean => {
  const [first, second] = comment.slice(2).trim().split(/\s+/, 2);
  return first === "@version" && second === "interpreter";
};

const byPlace = ({ span: { start: a } }: ScriptProblem, { span: { start: b } }: ScriptProblem) =>
  a.line - b.line || a.column - b.column;

/** Reads a script. All its problems are found at once, in the order of their places. */
export function compile(source: string): Result<Program, readonly ScriptProblem[]> {
  if (source.length > MAX_LENGTH) {
    const start = { line: 1, column: 1 };
    const message = `a script has at most ${MAX_LENGTH} characters; this one has ${source.length}`;
    return fail([{ kind: "limit-exceeded", message, span: { start, end: start } }]);
  }
  const { lineComments, problems: unreadable, ...draft } = parse(source);
  const problems = [...unreadable, ...check(draft)];
  if (problems.length > 0) return fail(problems.sort(byPlace).slice(0, MAX_PROBLEMS));
  const { features, variables, statements } = draft;
  return ok({
    features,
    variables,
    statements,
    isForInterpreter: features !== null || lineComments.some(isForInterpreter),
  });
}
