import { cut } from "../lib/cut.js";
import type { ScriptProblem } from "../numscript/problem.js";
import type { ScriptRefusal } from "../numscript/refusal.js";

/** Problems that a message lists. */
const MOST_LISTED = 20;

/** One line for each problem: "line:column message". */
export function listProblems(problems: readonly ScriptProblem[]): string {
  const lines = problems
    .slice(0, MOST_LISTED)
    .map(({ span: { start }, message }) => `${start.line}:${start.column} ${message}`);
  const left = problems.length - lines.length;
  return cut([...lines, ...(left > 0 ? [`and ${left} more`] : [])].join("\n"));
}

/** The first problems for programs to read, as JSON text. */
export const problemFacts = (problems: readonly ScriptProblem[]) => ({
  count: String(problems.length),
  problems: JSON.stringify(
    problems.slice(0, 5).map(({ kind, message, span: { start } }) => ({
      kind,
      line: start.line,
      column: start.column,
      message: cut(message, 100),
    })),
  ),
});

/** What kept a script from its end, for programs to read: the fields that are texts or numbers, and the place. */
export function refusalFacts({ kind, span, ...fields }: ScriptRefusal): Record<string, string> {
  const facts = Object.entries(fields).filter(([, value]) => SCALARS.has(typeof value));
  return {
    problem: kind,
    ...(span && { line: String(span.start.line), column: String(span.start.column) }),
    ...Object.fromEntries(facts.map(([name, value]) => [name, cut(String(value), 200)])),
  };
}

const SCALARS: ReadonlySet<string> = new Set(["string", "number", "bigint"]);

/** A page that shows `text` beside an editor for scripts. */
export function playground(text: string): string {
  const json = JSON.stringify({ error: text.replaceAll("\n", "\r\n") });
  return `https://play.numscript.org/?payload=${Buffer.from(json).toString("base64")}`;
}
