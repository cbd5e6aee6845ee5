import { ACCOUNTS } from "./accounts.js";
import type { NewTransaction } from "./calls.js";
import type { Random } from "./random.js";

interface Scripted extends NewTransaction {
  /** Accounts that the script lets go below zero. */
  readonly overdrafts: readonly string[];
}

const ASSET = "COIN";

/** A tenth is a fee. */
const SHARED = `vars { account $to  monetary $price }
send $price (source = @world  destination = { 10% to @fees  remaining to $to })`;

/** The source may refuse. */
const PLAIN = `vars { account $from  account $to  monetary $price }
send $price (source = $from  destination = $to)`;

/** The source may owe. */
const CREDIT = `vars { account $to  monetary $price }
send $price (source = @credit allowing unbounded overdraft  destination = $to)`;

/** A transaction by a script whose postings can be told beforehand. */
export function scriptedTransaction(random: Random, marker: string): Scripted {
  const to = random.pick(ACCOUNTS);
  const amount = BigInt(random.between(1, 20)) * 10n;
  const price = `${ASSET} ${amount}`;
  const posting = (source: string, destination: string, part: bigint) => ({
    source,
    destination,
    asset: ASSET,
    amount: part,
  });
  switch (random.pick(["shared", "plain", "credit"])) {
    case "shared":
      return {
        marker,
        script: { plain: SHARED, vars: { to, price } },
        postings: [
          posting("world", "fees", amount / 10n),
          posting("world", to, amount - amount / 10n),
        ],
        overdrafts: [],
      };
    case "plain": {
      const from = random.pick(ACCOUNTS.filter((account) => account !== to));
      return {
        marker,
        script: { plain: PLAIN, vars: { from, to, price } },
        postings: [posting(from, to, amount)],
        overdrafts: [],
      };
    }
    default:
      return {
        marker,
        script: { plain: CREDIT, vars: { to, price } },
        postings: [posting("credit", to, amount)],
        overdrafts: ["credit"],
      };
  }
}
