import { fail, type Result } from "../lib/result.js";
import type { NotInstalled, TransferFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";

/** As `requestTransfer`, of the deprecated operation: whether the connector is there is asked first. */
export async function requestDirectTransfer(
  { db }: Payments,
  provider: string,
): Promise<Result<never, NotInstalled | TransferFault>> {
  const installed = await findConnector(db, provider);
  return fail({ kind: installed === null ? "not-installed" : "transfers-unsupported", provider });
}
