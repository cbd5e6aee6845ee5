import type { Posting } from "../../../src/ledger/domain/posting.js";

/** A write, told in the fewest words. */
export type Operation =
  | { readonly kind: "create"; readonly transactions: readonly Draft[] }
  | ({ readonly kind: "script" } & Payment)
  /** Whoever the metadata of "noted" names is paid by world, or pays if the amount is below zero. */
  | { readonly kind: "redirected"; readonly amount: bigint }
  | { readonly kind: "revert"; readonly txid: number }
  | { readonly kind: "annotate"; readonly account: string; readonly value: string }
  | { readonly kind: "note"; readonly to: string }
  | { readonly kind: "map"; readonly limits: readonly Limit[] };

export interface Draft {
  readonly postings: readonly Posting[];
  readonly reference: string;
}

/** What the sources have, in turn, the last one down to `overdraft` below zero; a third of it to the first, the rest to the second. */
export interface Payment {
  readonly amount: bigint;
  readonly sources: readonly string[];
  readonly overdraft: bigint;
  readonly destinations: readonly [string, string];
}

/** Accounts whose address holds `part` may be as low as `least`. */
export interface Limit {
  readonly part: string;
  readonly least: bigint;
}

export type Refused =
  | "INSUFFICIENT_FUND"
  | "CONFLICT"
  | "NOT_FOUND"
  | "VALIDATION"
  | "COMPILATION_FAILED";

interface Done {
  readonly postings: readonly Posting[];
  readonly reference: string;
  isReverted: boolean;
}

export const ASSET = "USD/2";

/** A ledger as small as can be, to hold the real one against. */
export class Model {
  balances = new Map<string, bigint>();
  transactions: Done[] = [];
  annotations = new Map<string, string>();
  limits: readonly Limit[] = [];
  noted: string | null = null;

  copy(): Model {
    return Object.assign(new Model(), {
      balances: new Map(this.balances),
      transactions: this.transactions.map((each) => ({ ...each })),
      annotations: new Map(this.annotations),
      limits: this.limits,
      noted: this.noted,
    });
  }

  /** Carries `operation` out, or says why not and changes nothing. */
  apply(operation: Operation): Refused | null {
    const after = this.copy();
    const refused = after.#carryOut(operation);
    if (refused === null) Object.assign(this, after);
    return refused;
  }

  #carryOut(operation: Operation): Refused | null {
    switch (operation.kind) {
      case "create":
        for (const draft of operation.transactions) {
          const refused = this.#commit(draft, true);
          if (refused !== null) return refused;
        }
        return null;
      case "script":
        return this.#pay(operation);
      case "redirected":
        return this.#redirect(operation.amount);
      case "note":
        this.noted = operation.to;
        return null;
      case "revert":
        return this.#revert(operation.txid);
      case "annotate":
        this.annotations.set(operation.account, operation.value);
        return null;
      case "map":
        this.limits = operation.limits;
        return null;
    }
  }

  #commit({ postings, reference }: Draft, isLimited: boolean): Refused | null {
    if (reference !== "" && this.transactions.some((each) => each.reference === reference)) {
      return "CONFLICT";
    }
    const before = new Map(this.balances);
    for (const { source, destination, amount } of postings) {
      this.balances.set(source, this.balanceOf(source) - amount);
      this.balances.set(destination, this.balanceOf(destination) + amount);
    }
    for (const [account, balance] of this.balances) {
      const isLower = balance < (before.get(account) ?? 0n);
      if (isLimited && account !== "world" && isLower && balance < this.#least(account)) {
        return "INSUFFICIENT_FUND";
      }
    }
    this.transactions.push({ postings, reference, isReverted: false });
    return null;
  }

  #pay({ amount, sources, overdraft, destinations }: Payment): Refused | null {
    const postings: Posting[] = [];
    let missing = amount;
    const spent = new Map<string, bigint>();
    for (const [index, source] of sources.entries()) {
      const isLast = index === sources.length - 1;
      const gone = spent.get(source) ?? 0n;
      const has = this.balanceOf(source) - gone + (isLast ? overdraft : 0n);
      const taken = source === "world" ? missing : min(missing, max(0n, has));
      spent.set(source, gone + taken);
      missing -= taken;
    }
    if (missing > 0n) return "INSUFFICIENT_FUND";
    const floor = amount / 3n;
    const third = floor + (amount - floor - (2n * amount) / 3n);
    for (const [source, amount] of spent) {
      if (amount > 0n) postings.push({ source, destination: "-", amount, asset: ASSET });
    }
    const [one, other] = destinations;
    postings.push({ source: "-", destination: one, amount: third, asset: ASSET });
    postings.push({ source: "-", destination: other, amount: amount - third, asset: ASSET });
    return this.#commit({ postings, reference: "" }, false);
  }

  #redirect(amount: bigint): Refused | null {
    const { noted } = this;
    if (noted === null) return "COMPILATION_FAILED";
    if (amount < 0n && this.balanceOf(noted) < -amount) return "INSUFFICIENT_FUND";
    const [source, destination] = amount < 0n ? [noted, "shop"] : ["world", noted];
    const posting = { source, destination, amount: amount < 0n ? -amount : amount, asset: ASSET };
    return this.#commit({ postings: [posting], reference: "" }, false);
  }

  #revert(txid: number): Refused | null {
    const original = this.transactions[txid];
    if (original === undefined) return "NOT_FOUND";
    if (original.isReverted) return "VALIDATION";
    const postings = original.postings.map(({ source, destination, ...rest }) => ({
      ...rest,
      source: destination,
      destination: source,
    }));
    const reference = original.reference === "" ? "" : `revert_${original.reference}`;
    const refused = this.#commit({ postings, reference }, true);
    if (refused === null) original.isReverted = true;
    return refused;
  }

  balanceOf(account: string): bigint {
    return this.balances.get(account) ?? 0n;
  }

  #least(account: string): bigint {
    return this.limits.find(({ part }) => account.includes(part))?.least ?? 0n;
  }
}

const min = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);
