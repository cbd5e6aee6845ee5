import type { Reply, Seen } from "./fakeProvider.js";
import { API_KEY, demand, error } from "./stripeRules.js";

export interface MadeTransfers {
  /** Stripe's objects, oldest first: each of them has moved its money. */
  readonly made: readonly Record<string, unknown>[];
  /** Forgets all idempotency keys, as Stripe does after a day. */
  forgetKeys(): void;
  answer(seen: Seen): Reply;
}

/** Transfers of Stripe: it keeps what it answered under an idempotency key, once it has begun to do what was asked. */
export function stripeTransfers(): MadeTransfers {
  const made: Record<string, unknown>[] = [];
  const kept = new Map<string, { body: string; reply: Reply }>();

  function create({ headers, body }: Seen): Reply {
    const key = String(headers["idempotency-key"] ?? "");
    demand(key !== "", "idempotency key");
    const before = kept.get(key);
    if (before !== undefined && before.body !== body)
      return error(400, "Keys for idempotent requests can only be used with the same parameters");
    if (before !== undefined) return before.reply;
    const form = new URLSearchParams(body);
    const destination = form.get("destination") ?? "";
    if (!destination.startsWith("acct_"))
      return error(400, `No such destination: '${destination}'`, { param: "destination" });
    const reply = pay(form, destination);
    kept.set(key, { body, reply });
    return reply;
  }

  function pay(form: URLSearchParams, destination: string): Reply {
    const amount = form.get("amount") ?? "";
    demand(/^[1-9]\d*$/.test(amount), "amount");
    if (Number(amount) > 1_000_000)
      return error(400, "You have insufficient funds in your Stripe account.", {
        code: "balance_insufficient",
      });
    const number = made.length + 1;
    const transfer = {
      ...{ id: `tr_${number}`, object: "transfer", amount: Number(amount), amount_reversed: 0 },
      ...{ balance_transaction: `txn_tr_${number}`, created: 1_688_990_400 },
      ...{ currency: form.get("currency")?.toLowerCase(), description: null, destination },
      ...{ destination_payment: `py_${number}`, livemode: false, metadata: metadataIn(form) },
      ...{ reversals: { object: "list", data: [] }, reversed: false, source_transaction: null },
      ...{ source_type: "card", transfer_group: form.get("transfer_group") },
    };
    made.push(transfer);
    return { json: transfer };
  }

  return {
    made,
    forgetKeys: () => kept.clear(),
    answer(seen) {
      const { method, query, headers } = seen;
      demand(headers["content-type"] === "application/x-www-form-urlencoded", "content type");
      demand(headers["stripe-version"] === "2020-08-27", "version");
      const [scheme, key] = (headers.authorization ?? "").split(" ");
      demand(scheme === "Bearer", "scheme");
      if (key !== API_KEY) return error(401, `Invalid API Key provided: ${key}`);
      if (method === "POST") return create(seen);
      demand(method === "GET" && query.has("transfer_group"), "transfer group");
      const group = query.get("transfer_group");
      const data = made.filter((it) => it["transfer_group"] === group).toReversed();
      return { json: { object: "list", url: "/v1/transfers", has_more: false, data } };
    },
  };
}

const metadataIn = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const [, key] = /^metadata\[(.*)\]$/.exec(name) ?? [];
      return key === undefined ? [] : [[key, value]];
    }),
  );
