import { type Draft, Grammar } from "./grammar.js";
import { lex } from "./lexer.js";
import { spanOf } from "./literals.js";
import type { ScriptProblem } from "./problem.js";

export const MAX_PROBLEMS = 100;
/** Bounds what reading, and then running, a script may cost. */
const MAX_TOKENS = 50_000;

class Stop extends Error {}

let problems: ScriptProblem[] = [];
let isStopped = false;

/** Chevrotain complains of the unread rest even when it was stopped: hence the flag. */
function report(problem: ScriptProblem): void {
  if (isStopped) return;
  problems.push(problem);
  isStopped = problem.kind === "limit-exceeded" || problems.length === MAX_PROBLEMS;
  if (isStopped) throw new Stop();
}

const grammar = new Grammar(report);

export interface Parsed extends Draft {
  readonly lineComments: readonly string[];
  readonly problems: readonly ScriptProblem[];
}

/** What can be read of a script, and what is wrong with the rest. Synchronous, so one grammar can serve all callers. */
export function parse(source: string): Parsed {
  const lexed = lex(source);
  problems = [];
  isStopped = false;
  let draft: Draft | undefined;
  try {
    const excess = lexed.tokens[MAX_TOKENS];
    if (excess !== undefined) {
      const message = `a script has at most ${MAX_TOKENS} words and signs`;
      report({ kind: "limit-exceeded", message, span: spanOf(excess) });
    }
    grammar.input = lexed.tokens;
    draft = grammar.script();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return {
    ...(draft ?? { features: null, variables: [], knowsAllVariables: false, statements: [] }),
    lineComments: lexed.lineComments,
    problems: [...lexed.problems, ...problems],
  };
}
