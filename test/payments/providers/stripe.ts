import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";
import { API_KEY, demand, error } from "./stripeRules.js";
import { type MadeTransfers, stripeTransfers } from "./stripeTransfers.js";

/** 2023-07-10T12:00:00Z. */
export const CREATED = 1_688_990_400;

/** A balance transaction, its source expanded. */
export interface Transaction {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test wants Stripe to say.
  readonly source: any;
}

export interface FakeStripe extends Provider {
  /** Of the key's own account (""), and of connected ones: oldest first. */
  readonly accounts: Map<string, Transaction[]>;
  /** Charges, transfers and the like by id, as `GET /v1/<kind>s/<id>` answers them. */
  readonly objects: Map<string, object>;
  /** What was paid to connected accounts. */
  readonly transfers: MadeTransfers;
}

/** Balance transactions of Stripe: pages, connected accounts, and no patience with requests that it would not take. */
export async function startStripe(): Promise<FakeStripe> {
  const accounts = new Map<string, Transaction[]>([["", []]]);
  const objects = new Map<string, object>();
  const transfers = stripeTransfers();
  const provider = await startProvider((seen) => {
    const { path, query, headers } = seen;
    if (path === "/v1/transfers") return transfers.answer(seen);
    const refusal = refusalOf(seen);
    if (refusal) return refusal;
    const account = accounts.get(String(headers["stripe-account"] ?? ""));
    if (account === undefined) return error(403, "The provided key has no access to the account");
    const [, , kind = "", id] = path.split("/");
    if (kind === "balance_transactions" && id === undefined) return listOf(account, query);
    if (kind === "balance_transactions") {
      demand(query.get("expand[]") === "source", "expand");
      return found(account.find((it) => it.id === id));
    }
    demand(["charges", "transfers"].includes(kind), "path");
    return found(objects.get(id ?? ""));
  });
  return { ...provider, accounts, objects, transfers };
}

function refusalOf({ method, headers }: Seen): Reply | null {
  demand(method === "GET", "method");
  demand(headers["content-type"] === "application/x-www-form-urlencoded", "content type");
  demand(headers["stripe-version"] === undefined, "version");
  const [scheme = "", encoded = ""] = (headers.authorization ?? "").split(" ");
  demand(scheme === "Basic", "scheme");
  const [user, password] = Buffer.from(encoded, "base64").toString().split(":");
  demand(password === "", "password");
  return user === API_KEY ? null : error(401, `Invalid API Key provided: ${user}`);
}

/** Newest first; `ending_before` answers those next to its anchor. */
function listOf(account: readonly Transaction[], query: URLSearchParams): Reply {
  const names = [...query.keys()].filter((name) => name !== "limit" && name !== "expand[]");
  demand(names.length === 1, `one cursor, not ${names.join()}`);
  demand(query.get("expand[]") === "data.source", "expand");
  const limit = Number(query.get("limit"));
  demand(limit >= 1 && limit <= 100, "limit");
  const all = account.toReversed();
  const [name = ""] = names;
  const value = query.get(name) ?? "";
  const place = all.findIndex(({ id }) => id === value);
  if (name === "created[lte]") {
    demand(/^\d{10}$/.test(value), "date");
    const rest = all.filter(({ created }) => created <= Number(value));
    return page(rest.slice(0, limit), rest.length > limit);
  }
  if (place < 0)
    return error(400, `No such balance transaction: '${value}'`, { code: "resource_missing" });
  if (name === "starting_after") {
    const rest = all.slice(place + 1);
    return page(rest.slice(0, limit), rest.length > limit);
  }
  demand(name === "ending_before", "cursor");
  return page(all.slice(Math.max(0, place - limit), place), place > limit);
}

const page = (data: readonly Transaction[], more: boolean): Reply => ({
  json: { object: "list", url: "/v1/balance_transactions", has_more: more, data },
});

const found = (object: object | undefined): Reply =>
  object === undefined ? error(404, "No such object") : { json: object };

/** The balance transaction of a charge of a card. */
export const chargeOf = (name: string, created: number, amount = 1999): Transaction => ({
  ...{ id: `txn_${name}`, object: "balance_transaction", amount, created, currency: "usd" },
  ...{ fee: 88, net: amount - 88, reporting_category: "charge", status: "pending", type: "charge" },
  source: {
    ...{ id: `ch_${name}`, object: "charge", amount, currency: "usd" },
    balance_transaction: `txn_${name}`,
    payment_method_details: { type: "card", card: { brand: "visa" } },
  },
});

/** The balance transaction of a refund of what `chargeOf` with that name has charged. */
export const refundOf = (
  name: string,
  charge: string,
  created: number,
  amount: number,
): Transaction => ({
  ...{ id: `txn_${name}`, object: "balance_transaction", amount: -amount, created },
  ...{ currency: "usd", type: "refund" },
  source: { id: `re_${name}`, object: "refund", amount, currency: "usd", charge: `ch_${charge}` },
});

export const disputeOf = (
  name: string,
  charge: string,
  created: number,
  amount: number,
): Transaction => ({
  ...{ id: `txn_${name}`, object: "balance_transaction", amount, created },
  ...{ currency: "usd", type: "adjustment" },
  source: {
    ...{ id: `dp_${name}`, object: "dispute", amount: Math.abs(amount), currency: "usd" },
    charge: `ch_${charge}`,
  },
});

export const payoutOf = (name: string, created: number, status: string): Transaction => ({
  ...{ id: `txn_${name}`, object: "balance_transaction", amount: -5000, created },
  ...{ currency: "eur", type: "payout" },
  source: {
    ...{ id: `po_${name}`, object: "payout", amount: 5000, currency: "eur", status },
    ...{ type: "bank_account", card: null, balance_transaction: `txn_${name}` },
  },
});

export const transferOf = (name: string, created: number, destination: string): Transaction => ({
  ...{ id: `txn_${name}`, object: "balance_transaction", amount: -700, created },
  ...{ currency: "usd", type: "transfer" },
  source: {
    ...{ id: `tr_${name}`, object: "transfer", amount: 700, currency: "usd", destination },
    balance_transaction: `txn_${name}`,
  },
});
