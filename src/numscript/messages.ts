import { EOF, type IParserErrorMessageProvider, type IToken, tokenLabel } from "chevrotain";
import { quote, type Report, spanOf } from "./literals.js";
import { token } from "./tokens.js";

/** Where we are, by the rule of the grammar that we are in. */
const places: Readonly<Record<string, string>> = {
  features: " in the feature line",
  variables: " in the list of variables",
  declaration: " in the declaration of a variable",
  sent: " after the amount",
  send: " in a send",
  sourceClause: " in a send",
  destinationClause: " in a send",
  save: " in a save",
  call: " in a call",
  account: " after the account",
  sources: " in a list of sources",
  sourceShare: " in a list of sources",
  destinations: " in a list of destinations",
  caps: " in a list of destinations",
  target: " before the destination",
};

const found = (actual: IToken): string =>
  actual.tokenType === EOF ? "the end of the script" : quote(actual.image);

/** Reports what the parser finds wrong, where it stands. At the end of the script that is behind the last token. */
export function messages(report: Report): IParserErrorMessageProvider {
  const say = (message: string, actual: IToken, previous: IToken): string => {
    const { end } = spanOf(previous);
    const span = actual.tokenType === EOF ? { start: end, end } : spanOf(actual);
    report({ kind: "syntax", message, span });
    return message;
  };
  const expected = (what: string, actual: IToken, previous: IToken): string =>
    say(
      actual.tokenType === token.Star
        ? `"[… *]" stands only directly after "send" and "save"`
        : `expected ${what}, found ${found(actual)}`,
      actual,
      previous,
    );
  return {
    buildMismatchTokenMessage: ({ expected: type, actual, previous, ruleName }) =>
      expected(
        type === EOF ? "a statement" : `${tokenLabel(type)}${places[ruleName] ?? ""}`,
        actual,
        previous,
      ),
    buildNotAllInputParsedMessage: ({ firstRedundant }) =>
      expected("a statement", firstRedundant, firstRedundant),
    buildNoViableAltMessage: ({ actual, previous, customUserDescription = "" }) =>
      expected(customUserDescription, actual[0] ?? previous, previous),
    buildEarlyExitMessage: ({ actual, previous, customUserDescription = "" }) =>
      expected(customUserDescription, actual[0] ?? previous, previous),
  };
}
