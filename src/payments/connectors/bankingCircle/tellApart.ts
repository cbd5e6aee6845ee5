import type { Json } from "../../../lib/parseJson.js";
import { ok, type Result } from "../../../lib/result.js";
import type { Told } from "../../domain/payment.js";
import { idOf, toPayment } from "./toPayment.js";

interface Memory {
  /** Of payments that go by their own ids for ever, whatever their transaction references become. */
  readonly byOwnId?: readonly string[];
}

/**
 * Reads the payments of one listing, with what earlier ones have left as `state`. Payments go by their transaction
 * references; those that have none yet, or another's, by their own ids. As they are called once they are called ever
 * after, so that none becomes two or takes another's place.
 */
export function tellApart(state: unknown) {
  const byOwnId = new Set(((state ?? {}) as Memory).byOwnId);
  const owners = new Map<string, string>();
  let remembered = byOwnId.size;

  return {
    read(payment: Json): Result<Told, string> {
      const told = toPayment(payment);
      if (!told.ok) return told;
      const { type, reference } = told.value;
      const id = idOf(payment);
      if (id === "") return told;
      const owner = owners.get(`${type} ${reference}`) ?? id;
      if (reference === "" || owner !== id) byOwnId.add(id);
      if (byOwnId.has(id)) return ok({ ...told.value, reference: id });
      owners.set(`${type} ${reference}`, id);
      return told;
    },
    /** The state to commit; nothing if it is as before. */
    news(): { readonly state?: Memory } {
      if (byOwnId.size === remembered) return {};
      remembered = byOwnId.size;
      return { state: { byOwnId: [...byOwnId] } };
    },
  };
}
