import { type IToken, Lexer } from "chevrotain";
import { quote, spanOf } from "./literals.js";
import type { ScriptProblem } from "./problem.js";
import { token, vocabulary } from "./tokens.js";

export interface Lexed {
  readonly tokens: IToken[];
  readonly lineComments: readonly string[];
  readonly problems: readonly ScriptProblem[];
}

const lexer = new Lexer(vocabulary, {
  ensureOptimizations: true,
  errorMessageProvider: {
    buildUnexpectedCharactersMessage: (text, start, length) =>
      `unexpected ${quote(text.slice(start, start + length))}`,
    buildUnableToPopLexerModeMessage: () => "the lexer has one mode",
  },
});

/** Tells functions from other names, so that a misspelt word is never taken for the beginning of a call. */
function nameFunctions(tokens: readonly IToken[]): void {
  for (const [index, name] of tokens.entries()) {
    if (name.tokenType !== token.Identifier) continue;
    if (tokens[index + 1]?.tokenType !== token.ParenthesisOpen) continue;
    name.tokenType = token.FunctionName;
    name.tokenTypeIdx = token.FunctionName.tokenTypeIdx ?? 0;
  }
}

/** The tokens of a script. What belongs to no token is left out and reported. */
export function lex(source: string): Lexed {
  const { tokens, groups, errors } = lexer.tokenize(source);
  nameFunctions(tokens);
  const strayTexts = errors.map(({ message, line = 1, column = 1, length }): ScriptProblem => {
    const start = { line, column };
    return {
      kind: "syntax",
      message,
      span: { start, end: { line, column: column + length } },
    };
  });
  const unendedComments = (groups["unendedComments"] ?? []).map((comment): ScriptProblem => {
    const { start } = spanOf(comment);
    const end = { line: start.line, column: start.column + 2 };
    return { kind: "syntax", message: "this comment does not end", span: { start, end } };
  });
  return {
    tokens,
    lineComments: (groups["lineComments"] ?? []).map((comment) => comment.image),
    problems: [...strayTexts, ...unendedComments],
  };
}
