import type { Json } from "../../../lib/parseJson.js";
import { basicAuth } from "../basicAuth.js";
import { type Http, ProviderError } from "../connector.js";
import { explained } from "../explained.js";
import { isObject, textAt } from "../json.js";
import { idAt } from "./idAt.js";
import { toMoney } from "./money.js";
import { errorObjectIn, reasonIn } from "./reasonIn.js";
import type { Origin } from "./translate.js";

/** Where to begin in the list of balance transactions, newest first. */
export type Cursor =
  | { readonly "created[lte]": string }
  /** Older ones than this. */
  | { readonly starting_after: string }
  /** Newer ones than this, those next to it. */
  | { readonly ending_before: string };

export interface StripePage {
  readonly items: readonly Json[];
  readonly hasMore: boolean;
}

/** What there is to know of the payment that a charge or a transfer has become. */
export interface OriginPayment {
  /** "" if it is none yet. */
  readonly reference: string;
  readonly asset: string;
}

/** Stripe, as one account sees it. */
export interface StripeClient {
  /** Null if the transaction that `cursor` names is none. */
  listTransactions(cursor: Cursor): Promise<StripePage | null>;
  /** Null if there is none. */
  findTransaction(id: string): Promise<Json | null>;
  /** Null if there is none. */
  findOrigin(origin: Origin): Promise<OriginPayment | null>;
}

export interface StripeAccess {
  readonly apiKey: string;
  readonly pageSize: number;
  /** The connected account to act for; absent: the key's own. */
  readonly account?: string | undefined;
}

export function createStripeClient(http: Http, access: StripeAccess): StripeClient {
  const { apiKey, pageSize, account } = access;
  const headers = {
    authorization: basicAuth(apiKey, ""),
    "content-type": "application/x-www-form-urlencoded",
    ...(account !== undefined && { "stripe-account": account }),
  };

  async function get(path: string): Promise<Json> {
    try {
      return (await http.json({ path, headers })).value;
    } catch (error) {
      throw explained(error, apiKey, reasonIn);
    }
  }

  const getOrNull = (path: string): Promise<Json | null> =>
    get(path).catch((error: unknown) => {
      if (error instanceof ProviderError && isMissing(error)) return null;
      throw error;
    });

  return {
    async listTransactions(cursor) {
      const query = { limit: String(pageSize), "expand[]": "data.source", ...cursor };
      const path = `/v1/balance_transactions?${new URLSearchParams(query)}`;
      const list = await ("created[lte]" in cursor ? get(path) : getOrNull(path));
      if (list === null) return null;
      const items = isObject(list) ? list.get("data") : null;
      if (!isObject(list) || !Array.isArray(items))
        throw new ProviderError("GET /v1/balance_transactions: answered no list");
      return { items, hasMore: list.get("has_more") === true };
    },
    findTransaction: (id) =>
      getOrNull(`/v1/balance_transactions/${encodeURIComponent(id)}?expand%5B%5D=source`),
    async findOrigin({ kind, id }) {
      const object = await getOrNull(`/v1/${kind}/${encodeURIComponent(id)}`);
      if (!isObject(object)) return null;
      const money = toMoney("0", textAt(object, "currency"));
      return {
        reference: idAt(object, "balance_transaction"),
        asset: money.ok ? money.value.asset : "",
      };
    },
  };
}

/** Of an object in the path Stripe says so by its status, of a cursor by its code. */
function isMissing({ status, body }: ProviderError): boolean {
  const error = errorObjectIn(body);
  return status === 404 || (error !== null && textAt(error, "code") === "resource_missing");
}
