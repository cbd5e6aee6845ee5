import type { IToken } from "chevrotain";
import type { Expression, Place, Segment, Span } from "./ast.js";
import { MOST_DIGITS } from "./limits.js";
import { isAsset, LONGEST_ACCOUNT } from "./names.js";
import type { ProblemKind, ScriptProblem } from "./problem.js";

const SEGMENT = /^[A-Za-z0-9_-]+$/;
const VARIABLE = /^\$[a-z_][a-z0-9_]*$/;
/** No more of a script than this is quoted in a message. */
const MAX_QUOTE = 40;

/** Text of a script, fit for a message: not long, and no surrogate without its twin. */
export const quote = (text: string): string =>
  text.length <= MAX_QUOTE
    ? `'${text}'`
    : `'${text.slice(0, MAX_QUOTE).replace(/[\ud800-\udbff]$/, "")}…'`;

/** From the first to the last of these tokens. */
export function spanOf(first: IToken, last: IToken = first): Span {
  return {
    start: { line: first.startLine ?? 1, column: first.startColumn ?? 1 },
    end: { line: last.endLine ?? 1, column: (last.endColumn ?? 0) + 1 },
  };
}

export type Report = (problem: ScriptProblem) => void;

const reportAt = (token: IToken, kind: ProblemKind, message: string, report: Report): void =>
  report({ kind, message, span: spanOf(token) });

/** The name in `$name`, and also in `name`, which is reported. */
export function variableName(token: IToken, report: Report): string {
  if (!VARIABLE.test(token.image)) {
    reportAt(
      token,
      "syntax",
      `${quote(token.image)} is not a variable: "$" is followed by a to z, 0 to 9 and "_", and no digit comes first`,
      report,
    );
  }
  return token.image.replace("$", "");
}

export const variableLiteral = (token: IToken, report: Report): Expression => ({
  kind: "variable",
  name: variableName(token, report),
  span: spanOf(token),
});

export function assetLiteral(token: IToken, report: Report): Expression {
  if (!isAsset(token.image)) {
    reportAt(
      token,
      "invalid-asset",
      `${quote(token.image)} is not an asset such as USD/2: at most 17 capitals and digits, then "/" and at most 6 digits`,
      report,
    );
  }
  return { kind: "asset", asset: token.image, span: spanOf(token) };
}

/** What stands between the quotes. */
export function stringText(token: IToken, report: Report): string {
  const { image } = token;
  if (image.length < 2 || !image.endsWith('"') || image.endsWith('\\"')) {
    reportAt(token, "syntax", "this string does not end on its line", report);
    return image.slice(1);
  }
  return image.slice(1, -1);
}

export const stringLiteral = (token: IToken, report: Report): Expression => ({
  kind: "string",
  text: stringText(token, report),
  span: spanOf(token),
});

export function numberLiteral(token: IToken, report: Report): Expression {
  const { image } = token;
  const span = spanOf(token);
  if (image.length > MOST_DIGITS) {
    reportAt(token, "limit-exceeded", `a number has at most ${MOST_DIGITS} digits`, report);
    return { kind: "number", value: 0n, span };
  }
  if (image.endsWith("_") || image.includes("__")) {
    reportAt(
      token,
      "syntax",
      `${quote(image)} is not a number: a single "_" may stand between two digits`,
      report,
    );
  }
  return { kind: "number", value: BigInt(image.replaceAll("_", "")), span };
}

export function percentageLiteral(token: IToken, report: Report): Expression {
  const [whole = "", decimals = ""] = token.image.slice(0, -1).split(".");
  const span = spanOf(token);
  if (token.image.length > MOST_DIGITS) {
    reportAt(token, "limit-exceeded", `a percentage has at most ${MOST_DIGITS} digits`, report);
    return { kind: "percentage", value: 0n, decimals: 0, span };
  }
  return { kind: "percentage", value: BigInt(whole + decimals), decimals: decimals.length, span };
}

/** `@users:$id`, cut into texts and variables. */
export function accountLiteral(token: IToken, report: Report): Expression {
  const parts = token.image.slice(1).split(":");
  const fault = faultOfAccount(token.image, parts);
  if (fault !== null) reportAt(token, "invalid-account-name", fault, report);
  const span = spanOf(token);
  return { kind: "account", segments: segmentsOf(parts, span.start), span };
}

function faultOfAccount(image: string, parts: readonly string[]): string | null {
  if (image.length > LONGEST_ACCOUNT + 1) {
    return `an account has at most ${LONGEST_ACCOUNT} characters`;
  }
  const wrong = parts.find((part) => !(part.startsWith("$") ? VARIABLE : SEGMENT).test(part));
  if (wrong === undefined) return null;
  const reason =
    wrong === ""
      ? "a segment is empty"
      : `the segment ${quote(wrong)} is neither letters, digits, "_" and "-" nor a variable`;
  return `${quote(image)} is not an account such as @users:42: ${reason}`;
}

/** `at` is where the account begins. */
function segmentsOf(parts: readonly string[], { line, column: at }: Place): Segment[] {
  const segments: Segment[] = [];
  let column = at + 1;
  for (const part of parts) {
    const last = segments.at(-1);
    const end = column + part.length;
    if (part.startsWith("$")) {
      const span = { start: { line, column }, end: { line, column: end } };
      segments.push({ variable: part.slice(1), span });
    } else if (typeof last === "string") {
      segments[segments.length - 1] = `${last}:${part}`;
    } else {
      segments.push(part);
    }
    column = end + 1;
  }
  return segments;
}
