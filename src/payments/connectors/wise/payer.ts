import assert from "node:assert/strict";
import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { decimalPlaces } from "../../domain/currencies.js";
import { toDecimal } from "../../domain/decimal.js";
import type { TransferOrder } from "../../domain/transfer.js";
import { ProviderError } from "../connector.js";
import { isRefusal } from "../isRefusal.js";
import { show, textAt } from "../json.js";
import type { WiseClient } from "./client.js";

/** A transfer waits like this until somebody pays for it. */
export const UNPAID = "incoming_payment_waiting";

export type Funding =
  | { readonly kind: "paid" }
  | { readonly kind: "refused"; readonly reason: string }
  /** Strong customer authentication: Wise asks for a person, as it does in Europe. */
  | { readonly kind: "needs-person" };

/** The steps of a transfer at Wise. No money moves before it is funded, which Wise does once. */
export interface WisePayer {
  hasProfile(id: string): Promise<boolean>;
  /** The id of a quote. It is good for half an hour. */
  quote(order: TransferOrder): Promise<string>;
  /** Wise's id of the transfer: the same one, however often it is asked for. */
  create(order: TransferOrder, quote: string): Promise<string>;
  statusOf(transfer: string): Promise<string>;
  /** Pays for it out of the profile's balance. */
  fund(profile: string, transfer: string): Promise<Funding>;
  /** Calls off a transfer that is not paid for. */
  cancel(transfer: string): Promise<void>;
}

export function createWisePayer({ ask, listProfiles }: WiseClient): WisePayer {
  return {
    hasProfile: async (id) =>
      (await listProfiles()).some((profile) => textAt(profile, "id") === id),
    async quote({ source, destination, amount, currency }) {
      const places = decimalPlaces(currency);
      assert(places !== null, "a currency that ISO 4217 knows");
      const body = printObject({
        ...{ sourceCurrency: currency, targetCurrency: currency },
        sourceAmount: { token: toDecimal(amount, places) },
        targetAccount: { token: destination },
        payIn: "BALANCE",
      });
      const path = `/v3/profiles/${source}/quotes`;
      return needText(await ask({ method: "POST", path, body, isRepeatable: true }), "id");
    },
    async create({ id, destination }, quote) {
      const body = printObject({
        targetAccount: { token: destination },
        ...{ quoteUuid: quote, customerTransactionId: id },
      });
      const request = { method: "POST", path: "/v1/transfers", body, isRepeatable: true } as const;
      return needText(await ask(request), "id");
    },
    statusOf: async (transfer) => needText(await ask({ path: pathOf(transfer) }), "status"),
    async fund(profile, transfer) {
      const path = `/v3/profiles/${profile}/transfers/${encodeURIComponent(transfer)}/payments`;
      try {
        return toFunding(
          await ask({ method: "POST", path, body: printObject({ type: "BALANCE" }) }),
        );
      } catch (error) {
        // Somebody was faster, if that is what 409 means: its status will tell.
        if (!isRefusal(error) || error.status === 409) throw error;
        if (error.headers["x-2fa-approval"] !== undefined) return { kind: "needs-person" };
        return { kind: "refused", reason: error.message };
      }
    },
    async cancel(transfer) {
      await ask({ method: "PUT", path: `${pathOf(transfer)}/cancel`, isRepeatable: true });
    },
  };
}

function toFunding(answer: Json): Funding {
  const status = needText(answer, "status");
  if (status === "COMPLETED") return { kind: "paid" };
  const code = textAt(answer, "errorCode") || "no reason given";
  if (status === "REJECTED") return { kind: "refused", reason: `Wise refused to pay it: ${code}` };
  throw new ProviderError(`answered the unknown status ${show(status)} of a payment`);
}

const pathOf = (transfer: string): string => `/v1/transfers/${encodeURIComponent(transfer)}`;

const printObject = (members: Readonly<Record<string, Json>>): string =>
  printJson(new Map(Object.entries(members)));

function needText(answer: Json, key: string): string {
  const text = textAt(answer, key);
  if (text === "") throw new ProviderError(`answered an object without ${key}`);
  return text;
}
