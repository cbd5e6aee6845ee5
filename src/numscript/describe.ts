import type { Span } from "./ast.js";
import { fractionText } from "./fraction.js";
import type { ScriptRefusal } from "./refusal.js";
import { type Value, valueText } from "./value.js";

/** One sentence that tells a person why a script was refused, and where. */
export function describeRefusal(refusal: ScriptRefusal): string {
  switch (refusal.kind) {
    // The texts of these are older than we are: programs look for them.
    case "missing-funds":
      return "account had insufficient funds";
    case "missing-variable":
      return `could not set variables: missing variable $${refusal.name}`;
    case "extraneous-variable":
      return `could not set variables: extraneous variable $${excerpt(refusal.name)}`;
    case "metadata-not-found":
      return `missing key ${excerpt(refusal.key)} in metadata for account ${refusal.account}`;
    case "negative-balance": {
      const { account, asset, balance, span } = refusal;
      const held = money(asset, balance);
      return `could not resolve program resources: ${place(span)} the balance of ${account} is negative: ${held}`;
    }
    case "invalid-number-literal":
    case "invalid-monetary-literal":
    case "invalid-asset":
    case "invalid-account-name":
    case "bad-portion-parsing":
    case "invalid-metadata":
      return badValue(refusal);
    default:
      return `${place(refusal.span)} ${explain(refusal)}`;
  }
}

type BadValue = Extract<ScriptRefusal, { readonly reason: string }>;

function badValue({ kind, text, reason, origin, span }: BadValue): string {
  const value = kind === "invalid-monetary-literal" ? `[${excerpt(text)}]` : excerpt(text);
  const cause = `value ${value}: ${reason}`;
  switch (origin.kind) {
    case "variable": {
      const { name, type } = origin;
      return `could not set variables: invalid JSON value for variable $${name} of type ${type}: ${cause}`;
    }
    case "metadata": {
      const { account, key } = origin;
      return `invalid format for metadata at key ${excerpt(key)} for account ${account}: ${cause}`;
    }
    case "expression":
      return `${place(span)} ${cause}`;
  }
}

type Explained = Exclude<
  ScriptRefusal,
  | BadValue
  | {
      kind:
        | "missing-funds"
        | "missing-variable"
        | "extraneous-variable"
        | "metadata-not-found"
        | "negative-balance";
    }
>;

function explain(refusal: Explained): string {
  switch (refusal.kind) {
    case "failed":
      return "the script says fail";
    case "type-error":
      return `expected ${a(refusal.expected)}, found ${shown(refusal.found)}`;
    case "unbound-variable":
      return `the variable $${refusal.name} is not declared`;
    case "invalid-type":
      return `there is no type ${excerpt(refusal.name)}`;
    case "invalid-nested-meta":
      return "meta() can only be all of what a variable is set to";
    case "negative-amount":
      return `cannot send or save a negative amount: ${money(refusal.asset, refusal.amount)}`;
    case "mismatched-currency":
      return `expected an amount of ${refusal.expected}, found one of ${refusal.found}`;
    case "invalid-allotment-sum":
      return refusal.sum === null
        ? 'portions cannot be negative, and "remaining" can be there once only'
        : `the portions add up to ${excerpt(fractionText(refusal.sum))} instead of 1`;
    case "invalid-allotment-in-send-all":
      return "all there is cannot be taken in portions";
    case "invalid-unbounded-in-send-all":
      return `there is no end to what ${refusal.account} can send: set a limit with max`;
    case "invalid-unbounded-address-in-scaling-address":
      return `${refusal.account} cannot be scaled`;
    case "divide-by-zero":
      return "cannot divide by zero";
    case "unbound-function":
      return `there is no function ${excerpt(refusal.name)} that can be called here`;
    case "bad-arity":
      return `${refusal.name} takes ${refusal.expected} arguments, not ${refusal.given}`;
    case "experimental-feature":
      return `the feature ${refusal.feature} is not switched on`;
    case "cannot-cast-to-string":
      return `${shown(refusal.found)} cannot be a part of an account's name`;
    case "invalid-color":
      return `${excerpt(refusal.color)} is no colour: it takes 1 to 16 capital letters, and an asset has one colour at most`;
    case "limit-exceeded":
      return "the numbers become too large to compute with";
  }
}

const place = ({ start }: Span): string => `${start.line}:${start.column}`;

const a = (types: string): string =>
  types
    .split("|")
    .map((type) => `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`)
    .join(" or ");

const shown = (value: Value): string => `the ${value.type} ${excerpt(valueText(value))}`;

const money = (asset: string, amount: bigint): string => `[${asset} ${excerpt(String(amount))}]`;

/** No more of a text than this is repeated. */
const LONGEST_EXCERPT = 100;

const excerpt = (text: string): string =>
  text.length <= LONGEST_EXCERPT ? text : `${text.slice(0, LONGEST_EXCERPT)}…`;
