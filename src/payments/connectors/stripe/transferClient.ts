import type { JsonObject } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { DirectTransfer } from "../../domain/transfer.js";
import { type Http, type HttpAnswer, type HttpRequest, ProviderError } from "../connector.js";
import { explained } from "../explained.js";
import { isRefusal } from "../isRefusal.js";
import { isObject, textAt } from "../json.js";
import { toStripeUnits } from "./money.js";
import { errorObjectIn, reasonIn } from "./reasonIn.js";

/** Stripe will not make a transfer, and has not made it. */
interface Refusal {
  readonly message: string;
  /** Stripe's object for the error, and the status, as JSON text. */
  readonly object: string;
}

/** The transfers of the account of a key. They throw while nobody knows what has become of a transfer. */
export interface TransferClient {
  /** Makes a transfer; again under the same id, it makes no other, for as long as Stripe remembers: a day or longer. */
  create(transfer: DirectTransfer): Promise<Result<JsonObject, Refusal>>;
  /** What was made under our id, however long ago; null if nothing was. */
  find(id: string): Promise<JsonObject | null>;
}

export function createTransferClient(http: Http, apiKey: string): TransferClient {
  const headers = {
    authorization: `Bearer ${apiKey}`,
    "content-type": "application/x-www-form-urlencoded",
    "stripe-version": "2020-08-27",
  };
  async function ask(request: HttpRequest): Promise<JsonObject> {
    try {
      const { value } = await http.json({ ...request, saysToRepeat });
      if (isObject(value)) return value;
    } catch (error) {
      throw explained(error, apiKey, reasonIn);
    }
    throw new ProviderError(`${request.method ?? "GET"} /v1/transfers: answered no object`);
  }
  return {
    async create({ id, amount, currency, destination, metadata }) {
      const units = toStripeUnits(amount, currency);
      if (!units.ok) throw new Error(`transfer ${id}: ${units.failure}`);
      const body = new URLSearchParams({
        ...{ amount: String(units.value), currency, destination, transfer_group: id },
        ...Object.fromEntries(
          Object.entries(metadata).map(([key, value]) => [`metadata[${key}]`, value]),
        ),
      });
      try {
        const transfer = await ask({
          ...{ method: "POST", path: "/v1/transfers", body: String(body), isRepeatable: true },
          headers: { ...headers, "idempotency-key": id },
        });
        return ok(transfer);
      } catch (error) {
        if (isFinal(error)) return fail(refusalOf(error, apiKey));
        throw error;
      }
    },
    async find(id) {
      const query = new URLSearchParams({ transfer_group: id });
      const list = await ask({ path: `/v1/transfers?${query}`, headers });
      const items = list.get("data");
      if (!Array.isArray(items)) throw new ProviderError("GET /v1/transfers: answered no list");
      const ours = items.find((it) => isObject(it) && textAt(it, "transfer_group") === id);
      return isObject(ours) ? ours : null;
    },
  };
}

/** Stripe knows best whether an answer will be another one next time. */
function saysToRepeat({ headers }: HttpAnswer): boolean | null {
  const said = headers["stripe-should-retry"];
  return said === "true" ? true : said === "false" ? false : null;
}

/** Too early, or in conflict with another attempt, is no last word. */
const isFinal = (error: unknown): error is ProviderError =>
  isRefusal(error) && error.status !== 409 && error.status !== 425;

function refusalOf(error: ProviderError, apiKey: string): Refusal {
  const object = new Map(errorObjectIn(error.body) ?? []);
  object.set("status", { token: String(error.status) });
  return {
    message: reasonIn(error.body).replaceAll(apiKey, "***") || error.message,
    object: printJson(object).replaceAll(apiKey, "***"),
  };
}
