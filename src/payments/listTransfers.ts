import { fail, ok, type Result } from "../lib/result.js";
import type { Transfer } from "./domain/transfer.js";
import type { TransferFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";
import { listTransfers as readTransfers } from "./store/transfers.js";

/** The transfers that were asked of the connector of that kind, newest first. */
export async function listTransfers(
  { db }: Payments,
  provider: string,
): Promise<Result<Transfer[], TransferFault>> {
  const installed = await findConnector(db, provider);
  if (installed === null) return fail({ kind: "transfer-not-installed", provider });
  return ok(await readTransfers(db, installed.id));
}
