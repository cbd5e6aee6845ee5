import fc from "fast-check";
import { expect, test } from "vitest";
import type { Program } from "../../src/numscript/ast.js";
import { run } from "../../src/numscript/run.js";
import { inputOf } from "./books.js";
import { giveAsMachine, sharesOf } from "./machineKept.js";
import { capsIn, keepsSome, limitsIn, numeratorsIn, sharesIn } from "./parts.js";
import { type Send, sends, sweeps } from "./sends.js";

const seeds = [1, Math.floor(Math.random() * 2 ** 31)];

/** A send that is done, and what it did to whom. */
interface Done extends ReturnType<typeof read> {
  readonly balances: Send["balances"];
  readonly moves: readonly { account: string; to: string; amount: bigint }[];
  readonly paidBy: (...accounts: readonly string[]) => bigint;
  readonly paidTo: (...accounts: readonly string[]) => bigint;
}

function read({ statements: [statement] }: Program) {
  if (statement?.kind !== "send") throw new Error("no send");
  const { sent, source, destination } = statement;
  return { sent, source, destination };
}

/** Null if it is refused. */
function ran({ program, balances }: Send, kept: "machine" | "interpreter"): Done | null {
  const ended = run(program, inputOf({ balances, kept }));
  if (ended.kind !== "done") return null;
  const moves = ended.outcome.postings.map(({ source: account, destination: to, amount }) => ({
    account,
    to,
    amount,
  }));
  const total = (side: "account" | "to", accounts: readonly string[]) =>
    moves.reduce((sum, move) => (accounts.includes(move[side]) ? sum + move.amount : sum), 0n);
  return {
    ...read(program),
    balances,
    moves,
    paidBy: (...accounts) => total("account", accounts),
    paidTo: (...accounts) => total("to", accounts),
  };
}

/** Checks `law` for sends that are done, in either way with kept money; and that they are not too few. */
function holds(seed: number, law: (done: Done) => void, arbitrary = sends) {
  let count = 0;
  fc.assert(
    fc.property(arbitrary, fc.constantFrom("machine", "interpreter"), (send, kept) => {
      const done = ran(send, kept);
      if (done === null) return;
      count++;
      law(done);
    }),
    { seed, numRuns: 300 },
  );
  expect(count).toBeGreaterThan(60);
}

const sum = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, each) => total + each, 0n);

test.each(seeds)("what is sent arrives, neither more nor less, seed %i", (seed) => {
  holds(seed, ({ sent, destination, moves }) => {
    if (sent.kind === "all" || sent.amount.kind !== "monetary") return;
    const { amount } = sent.amount;
    const arrived = sum(moves.map((move) => move.amount));
    if (amount.kind !== "number") throw new Error(amount.kind);
    if (keepsSome(destination)) expect(arrived).toBeLessThanOrEqual(amount.value);
    else expect(arrived).toBe(amount.value);
  });
});

test.each(seeds)("every posting moves something, seed %i", (seed) => {
  holds(seed, ({ moves }) => {
    for (const { amount } of moves) expect(amount).toBeGreaterThan(0n);
  });
});

test.each(seeds)("no account pays more than it has and may owe, seed %i", (seed) => {
  holds(seed, ({ source, balances, paidBy }) => {
    for (const [account, limit] of limitsIn(source)) {
      if (limit === null) continue;
      const most = (balances[`${account} COIN`] ?? 0n) + limit;
      expect(paidBy(account)).toBeLessThanOrEqual(most > 0n ? most : 0n);
    }
  });
});

test.each(seeds)("no cap is exceeded, seed %i", (seed) => {
  holds(seed, ({ source, destination, paidBy, paidTo }) => {
    for (const { cap, accounts } of capsIn(source)) {
      expect(paidBy(...accounts)).toBeLessThanOrEqual(cap);
    }
    for (const { cap, accounts } of capsIn(destination)) {
      expect(paidTo(...accounts)).toBeLessThanOrEqual(cap);
    }
  });
});

test.each(seeds)("the shares of an allotment add up to the unit, seed %i", (seed) => {
  holds(seed, ({ source, destination, paidBy, paidTo }) => {
    // Kept money cannot be seen: shares of payers tell nothing if some of it came back.
    const ofPayers = keepsSome(destination) ? [] : sharesIn(source);
    const ofPayees = sharesIn(destination).filter((shared) => !shared.keepsSome);
    for (const [allotments, paid] of [
      [ofPayers, paidBy],
      [ofPayees, paidTo],
    ] as const) {
      for (const { shares } of allotments) {
        const parts = shares.map(({ accounts }) => paid(...accounts));
        const portions = numeratorsIn(shares.map(({ portion }) => portion));
        expect(parts).toEqual(sharesOf(sum(parts), portions));
      }
    }
  });
});

test.each(seeds)("receivers do not see which money was kept, seed %i", (seed) => {
  fc.assert(
    fc.property(sends, (send) => {
      const [machine, interpreter] = [ran(send, "machine"), ran(send, "interpreter")];
      const received = (done: Done | null) =>
        done && new Map(done.moves.map(({ to }) => [to, done.paidTo(to)]));
      expect(received(machine)).toEqual(received(interpreter));
    }),
    { seed, numRuns: 300 },
  );
});

test.each(seeds)("kept money waits at the head of the line, as in the machine, seed %i", (seed) => {
  fc.assert(
    fc.property(sweeps, (send) => {
      const funds = Object.entries(send.balances)
        .map(([key, amount]) => ({ account: key.split(" ")[0] ?? "", amount }))
        .filter(({ amount }) => amount > 0n);
      const done = ran(send, "machine");
      expect(done?.moves).toEqual(done && giveAsMachine(done.destination, funds));
    }),
    { seed, numRuns: 300 },
  );
});
