import { createToken, Lexer, type TokenType } from "chevrotain";

// Every pattern matches in one pass without looking back, and what begins like a string or a comment always is one, ended or
// not. So reading a script takes time linear in its length. Names and literals are read generously and judged in literals.ts:
// a wrong one then costs one clear problem, not a trail of them.

const word = createToken({ name: "Identifier", label: "a name", pattern: /[a-z][a-z_]*/ });
const keyword = (text: string): TokenType =>
  createToken({ name: `"${text}"`, label: `"${text}"`, pattern: text, longer_alt: word });
const sign = (name: string, text: string): TokenType =>
  createToken({ name, label: `"${text}"`, pattern: text });

/** The end of the comment that begins at `start`, comments inside it included; undefined if it never ends. */
function endOfComment(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith("/*", at)) depth++;
    else if (text.startsWith("*/", at)) depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

const LineComment = createToken({
  name: "LineComment",
  pattern: /\/\/[^\r\n]*/,
  group: "lineComments",
});
const BlockComment = createToken({
  name: "BlockComment",
  pattern: (text, start) => {
    if (!text.startsWith("/*", start)) return null;
    const end = endOfComment(text, start);
    return end === undefined ? null : [text.slice(start, end)];
  },
  start_chars_hint: ["/"],
  line_breaks: true,
  group: Lexer.SKIPPED,
});
const UnendedComment = createToken({
  name: "UnendedComment",
  pattern: (text, start) => (text.startsWith("/*", start) ? [text.slice(start)] : null),
  start_chars_hint: ["/"],
  line_breaks: true,
  group: "unendedComments",
});
const Space = createToken({
  name: "Space",
  pattern: /[ \t\r\n]+/,
  line_breaks: true,
  group: Lexer.SKIPPED,
});

/** The tokens that the grammar is made of. */
export const token = {
  Allowing: keyword("allowing"),
  Destination: keyword("destination"),
  Fail: keyword("fail"),
  Feature: keyword("feature"),
  From: keyword("from"),
  Kept: keyword("kept"),
  Max: keyword("max"),
  Oneof: keyword("oneof"),
  Overdraft: keyword("overdraft"),
  Print: keyword("print"),
  Remaining: keyword("remaining"),
  Save: keyword("save"),
  Scaling: keyword("scaling"),
  Send: keyword("send"),
  Source: keyword("source"),
  Through: keyword("through"),
  To: keyword("to"),
  Unbounded: keyword("unbounded"),
  Up: keyword("up"),
  Vars: keyword("vars"),
  With: keyword("with"),
  Identifier: word,
  /** An identifier that "(" follows; the lexer renames it. */
  FunctionName: createToken({ name: "FunctionName", label: "a function", pattern: Lexer.NA }),
  Variable: createToken({ name: "Variable", label: "a variable", pattern: /\$[A-Za-z0-9_]*/ }),
  Account: createToken({ name: "Account", label: "an account", pattern: /@[A-Za-z0-9_:$-]*/ }),
  Asset: createToken({ name: "Asset", label: "an asset", pattern: /[A-Z][A-Z0-9_]*(?:\/[0-9]+)?/ }),
  Percentage: createToken({
    name: "Percentage",
    label: "a percentage",
    pattern: /[0-9]+(?:\.[0-9]+)?%/,
  }),
  Number: createToken({ name: "Number", label: "a number", pattern: /[0-9][0-9_]*/ }),
  Text: createToken({ name: "Text", label: "a string", pattern: /"(?:\\"|[^"\r\n])*"?/ }),
  FeatureSign: sign("FeatureSign", "#!"),
  Backslash: sign("Backslash", "\\"),
  BraceClose: sign("BraceClose", "}"),
  BraceOpen: sign("BraceOpen", "{"),
  BracketClose: sign("BracketClose", "]"),
  BracketOpen: sign("BracketOpen", "["),
  Comma: sign("Comma", ","),
  Equals: sign("Equals", "="),
  Minus: sign("Minus", "-"),
  ParenthesisClose: sign("ParenthesisClose", ")"),
  ParenthesisOpen: sign("ParenthesisOpen", "("),
  Plus: sign("Plus", "+"),
  Slash: sign("Slash", "/"),
  Star: sign("Star", "*"),
} as const;

/** All tokens, in the order in which they are tried. */
export const vocabulary: TokenType[] = [
  Space,
  LineComment,
  BlockComment,
  UnendedComment,
  ...Object.values(token),
];
