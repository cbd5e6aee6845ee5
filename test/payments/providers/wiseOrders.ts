import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type Json, parseJson } from "../../../src/lib/parseJson.js";
import type { Mishap, Reply, Seen } from "./fakeProvider.js";

interface Quote {
  readonly id: string;
  readonly profile: string;
  readonly currency: string;
  /** As it was written. */
  readonly amount: string;
  readonly targetAccount: string;
}

/** A transfer that was set up. */
export interface Order {
  readonly id: number;
  readonly key: string;
  readonly quote: Quote;
  status: string;
}

type Step = "quote" | "create" | "fund" | "status" | "cancel";

export interface WiseOrders {
  readonly orders: Order[];
  /** What was paid out of balances: "19.99 USD from 101 to 2002". Whoever pays twice has paid twice. */
  readonly paid: string[];
  /** What balances can pay, each time. */
  balance: number;
  /** Whether paying takes a person. */
  isStrict: boolean;
  /** What befalls the next answer to a step, after it was taken. */
  readonly befall: Map<Step, Mishap>;
  /** Steps that are refused, and how; instead of being taken. */
  readonly refuse: Map<Step, Reply>;
  /** Called before an order is called off. */
  beforeCancel: (order: Order) => void;
}

const STEPS: readonly (readonly [Step, string, RegExp])[] = [
  ["quote", "POST", /^\/v3\/profiles\/(\d+)\/quotes$/],
  ["create", "POST", /^\/v1\/transfers$/],
  ["fund", "POST", /^\/v3\/profiles\/(\d+)\/transfers\/(\d+)\/payments$/],
  ["status", "GET", /^\/v1\/transfers\/(\d+)$/],
  ["cancel", "PUT", /^\/v1\/transfers\/(\d+)\/cancel$/],
];

/** Which step of a transfer a request is; null if it is none. */
export const stepOf = ({ method, path }: Pick<Seen, "method" | "path">): Step | null =>
  STEPS.find(([, verb, pattern]) => verb === method && pattern.test(path))?.[0] ?? null;

/** How Wise sets up transfers and has them paid for. `answer` is null for other requests. */
export function createOrders(): WiseOrders & { answer(seen: Seen): Reply | null } {
  const quotes = new Map<string, Quote>();
  const [orders, paid]: [Order[], string[]] = [[], []];
  const options = { balance: 1_000_000, isStrict: false, beforeCancel: (_: Order) => {} };
  const [befall, refuse] = [new Map<Step, Mishap>(), new Map<Step, Reply>()];

  const takers: Readonly<Record<Step, (seen: Seen, path: readonly string[]) => Reply>> = {
    quote({ body }, [profile = ""]) {
      const { text } = reader(body);
      const [currency, amount] = [text("sourceCurrency"), text("sourceAmount")];
      expect(text("targetCurrency")).toBe(currency);
      expect(text("payIn")).toBe("BALANCE");
      const targetAccount = text("targetAccount");
      const quote = { id: randomUUID(), profile, currency, amount, targetAccount };
      quotes.set(quote.id, quote);
      return { json: { id: quote.id, status: "PENDING" } };
    },
    create({ body }) {
      const { text } = reader(body);
      const key = text("customerTransactionId");
      const known = orders.find((order) => order.key === key);
      if (known) return { json: shown(known) };
      const quote = quotes.get(text("quoteUuid")) ?? expect.fail("there is no such quote");
      quotes.delete(quote.id);
      expect(text("targetAccount")).toBe(quote.targetAccount);
      const order = { id: 50_000 + orders.length, key, quote, status: "incoming_payment_waiting" };
      orders.push(order);
      return { json: shown(order) };
    },
    fund({ body }, [profile, id]) {
      expect(body).toBe('{"type":"BALANCE"}');
      const order = find(id);
      const { amount, currency, targetAccount } = order.quote;
      expect(profile).toBe(order.quote.profile);
      if (wise.isStrict) {
        const headers = { "x-2fa-approval": randomUUID(), "x-2fa-approval-result": "REJECTED" };
        return { status: 403, json: {}, headers };
      }
      if (Number(amount) > wise.balance)
        return { json: funding("REJECTED", "transfer.insufficient_funds") };
      paid.push(`${amount} ${currency} from ${profile} to ${targetAccount}`);
      order.status = "processing";
      return { json: funding("COMPLETED", null) };
    },
    status: (_, [id]) => ({ json: shown(find(id)) }),
    cancel(_, [id]) {
      const order = find(id);
      wise.beforeCancel(order);
      if (order.status !== "incoming_payment_waiting" && order.status !== "cancelled")
        return { status: 409, json: { errors: [{ code: "transfer.cancellation.not.allowed" }] } };
      order.status = "cancelled";
      return { json: shown(order) };
    },
  };

  const find = (id: string | undefined): Order =>
    orders.find((order) => String(order.id) === id) ?? expect.fail(`there is no transfer ${id}`);

  function answer(seen: Seen): Reply | null {
    const step = stepOf(seen);
    if (step === null) return null;
    const refusal = refuse.get(step);
    if (refusal) return refusal;
    const [, , pattern] = STEPS.find(([name]) => name === step) ?? expect.fail();
    const reply = takers[step](seen, pattern.exec(seen.path)?.slice(1) ?? []);
    const mishap = befall.get(step);
    befall.delete(step);
    return { ...reply, mishap };
  }

  const wise = Object.assign(options, { orders, paid, befall, refuse, answer });
  return wise;
}

const funding = (status: string, errorCode: string | null) => ({
  ...{ type: "BALANCE", status, errorCode },
});

const shown = ({ id, key, quote, status }: Order) => ({
  ...{ id, status, customerTransactionId: key, targetAccount: Number(quote.targetAccount) },
  ...{ sourceCurrency: quote.currency, targetCurrency: quote.currency },
});

/** Numbers as they were written, and no texts in their stead. */
function reader(body: string) {
  const json = parseJson(body);
  const textOf = (value: Json | undefined): string => {
    if (typeof value === "string") return value;
    return Object(value).token ?? "";
  };
  const numbers = ["sourceAmount", "targetAccount"];
  return {
    text(key: string): string {
      const value = json instanceof Map ? json.get(key) : undefined;
      expect(typeof value === "string", `${key} is a text`).toBe(!numbers.includes(key));
      return textOf(value);
    },
  };
}
