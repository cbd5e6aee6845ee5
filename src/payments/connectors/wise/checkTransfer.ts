import { fail, ok, type Result } from "../../../lib/result.js";
import type { TransferOrder } from "../../domain/transfer.js";

/** What is wrong with a transfer that Wise is to make. A token may have several profiles, so it must say whose money it is. */
export function checkTransfer({
  source,
  destination,
  amount,
}: TransferOrder): Result<null, string> {
  if (!isId(source)) return fail("source must be the id of a Wise profile, a whole number");
  if (!isId(destination))
    return fail("destination must be the id of a recipient account at Wise, a whole number");
  // The descriptor of its task says it as a number.
  return amount > Number.MAX_SAFE_INTEGER ? fail("amount is too large for Wise") : ok(null);
}

/** Of 64 bits, and a number in JSON as it stands. */
const isId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
