import { fail, ok, type Result } from "../../lib/result.js";
import { addressMatcher } from "./addressMatcher.js";
import type { Expression } from "./expression.js";
import { readsMetadata } from "./expression.js";
import { parseExpression } from "./parseExpression.js";

/** A contract as it was sent: nothing about it is sure. */
export interface SentContract {
  /** For people. */
  readonly name: string;
  /** Pattern of addresses. */
  readonly account: string;
  /** JSON text. */
  readonly expr: string;
}

/** A rule for the balances of the accounts that its pattern covers. `expr` is without white space. */
export interface Contract extends SentContract {
  readonly covers: (address: string) => boolean;
  readonly rule: Expression;
  readonly readsMetadata: boolean;
}

/** What is wrong where: "account", "expr.$and[1].$gte". */
export interface ContractFault {
  readonly place: string;
  readonly problem: string;
}

const LONGEST_NAME = 250;

/** A contract decides while its ledger is locked, for every account that pays. */
const LONGEST_EXPR = 4096;

export function parseContract({
  name,
  account,
  expr,
}: SentContract): Result<Contract, ContractFault> {
  if (name.length > LONGEST_NAME) {
    return fail({ place: "name", problem: `must have at most ${LONGEST_NAME} characters` });
  }
  const covers = addressMatcher(account);
  if (covers === null) {
    const problem = `must be at most 250 characters of addresses, "*", ".*", "^" and "$"`;
    return fail({ place: "account", problem });
  }
  if (expr.length > LONGEST_EXPR) {
    return fail({ place: "expr", problem: `must have at most ${LONGEST_EXPR} characters` });
  }
  const parsed = parseExpression(expr);
  if (!parsed.ok) {
    const { place, problem } = parsed.failure;
    return fail({ place: place === "" ? "expr" : `expr.${place}`, problem });
  }
  const { rule, text } = parsed.value;
  return ok({ name, account, expr: text, covers, rule, readsMetadata: readsMetadata(rule) });
}
