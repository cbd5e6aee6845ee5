import type { Destination, Target } from "../../src/numscript/ast.js";
import { least } from "../../src/numscript/integers.js";
import { amountIn, nameOf, numeratorsIn } from "./parts.js";

/** Money in line. */
export interface Funds {
  readonly account: string;
  readonly amount: bigint;
}

export interface Move extends Funds {
  readonly to: string;
}

/**
 * A slow model of how the machine gives: each part is handed its own funds, and hands back what it keeps, which goes to the
 * head of the line; but what caps have kept is not for the remaining part.
 */
export function giveAsMachine(destination: Destination, funds: readonly Funds[]): Move[] {
  const moves: Move[] = [];
  handOut(destination, funds, moves);
  return moves;
}

/** Returns what was kept. */
function handOut(target: Target, funds: readonly Funds[], moves: Move[]): readonly Funds[] {
  if (target === "kept") return funds;
  switch (target.kind) {
    case "account":
      moves.push(...funds.map((each) => ({ ...each, to: nameOf(target.account) })));
      return [];
    case "allotment": {
      const shares = sharesOf(totalOf(funds), numeratorsIn(target.clauses.map((c) => c.portion)));
      return target.clauses.reduce((line, clause, index) => {
        const [own, rest] = cut(line, shares[index] ?? 0n);
        return join(handOut(clause.target, own, moves), rest);
      }, funds);
    }
    case "oneof": {
      const fitting = target.caps.find(({ cap }) => amountIn(cap) >= totalOf(funds));
      return handOut(fitting?.target ?? target.remaining, funds, moves);
    }
    case "ordered": {
      let line = funds;
      let left = totalOf(funds);
      let kept = 0n;
      for (const { cap, target: capped } of target.caps) {
        const amount = least(amountIn(cap), left);
        const [own, rest] = cut(line, amount);
        const back = handOut(capped, own, moves);
        kept += totalOf(back);
        left -= amount;
        line = join(back, rest);
      }
      const [own, tail] = cut(line, totalOf(line) - kept);
      return join(handOut(target.remaining, own, moves), tail);
    }
  }
}

const totalOf = (funds: readonly Funds[]): bigint =>
  funds.reduce((total, { amount }) => total + amount, 0n);

/** The first `amount` of `funds`, and the rest. */
function cut(funds: readonly Funds[], amount: bigint): [Funds[], Funds[]] {
  const head: Funds[] = [];
  const tail: Funds[] = [];
  let left = amount;
  for (const { account, amount: here } of funds) {
    const part = least(here, left);
    if (part > 0n) head.push({ account, amount: part });
    if (here > part) tail.push({ account, amount: here - part });
    left -= part;
  }
  return [head, tail];
}

function join(front: readonly Funds[], back: readonly Funds[]): Funds[] {
  const joined: Funds[] = [];
  for (const each of [...front, ...back]) {
    const last = joined.at(-1);
    if (last?.account !== each.account) joined.push(each);
    else joined[joined.length - 1] = { ...last, amount: last.amount + each.amount };
  }
  return joined;
}

interface Portions {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

export function sharesOf(total: bigint, { numerators, denominator }: Portions): bigint[] {
  const shares = numerators.map((numerator) => (total * numerator) / denominator);
  const spare = total - shares.reduce((sum, share) => sum + share, 0n);
  return shares.map((share, index) => (BigInt(index) < spare ? share + 1n : share));
}
