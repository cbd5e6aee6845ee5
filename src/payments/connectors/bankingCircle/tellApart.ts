import type { Json } from "../../../lib/parseJson.js";
import { ok, type Result } from "../../../lib/result.js";
import type { Told } from "../../domain/payment.js";
import { idOf, toPayment } from "./toPayment.js";

/**
 * Reads the payments of one listing. Several may share a transaction reference: the first one goes by it, the others by
 * their own ids, so that none takes another's place.
 */
export function tellApart(): (payment: Json) => Result<Told, string> {
  const owners = new Map<string, string>();
  return (payment) => {
    const told = toPayment(payment);
    if (!told.ok) return told;
    const { type, reference } = told.value;
    const id = idOf(payment);
    const owner = owners.get(`${type} ${reference}`) ?? id;
    owners.set(`${type} ${reference}`, owner);
    return owner === id ? told : ok({ ...told.value, reference: id });
  };
}
