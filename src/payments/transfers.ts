import { fail, ok, type Result } from "../lib/result.js";
import {
  checkTransfer,
  type InvalidTransfer,
  type SentTransfer,
  type Transfer,
} from "./domain/transfer.js";
import type { NotInstalled, TransferFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";
import { listTransfers as readTransfers } from "./store/transfers.js";

/** Why no transfer is made. No connector of this Florin makes any; refused ones leave nothing behind. */
export async function requestTransfer(
  { db }: Payments,
  provider: string,
  sent: SentTransfer,
): Promise<Result<never, InvalidTransfer | TransferFault>> {
  const checked = checkTransfer(sent);
  if (!checked.ok) return checked;
  if ((await findConnector(db, provider)) === null) {
    return fail({ kind: "transfer-not-installed", provider });
  }
  return fail({ kind: "transfers-unsupported", provider });
}

/** As `requestTransfer`, of the deprecated operation: whether the connector is there is asked first. */
export async function requestDirectTransfer(
  { db }: Payments,
  provider: string,
): Promise<Result<never, NotInstalled | TransferFault>> {
  const installed = await findConnector(db, provider);
  return fail({ kind: installed === null ? "not-installed" : "transfers-unsupported", provider });
}

/** The transfers that were asked of the connector of that kind, newest first. */
export async function listTransfers(
  { db }: Payments,
  provider: string,
): Promise<Result<Transfer[], TransferFault>> {
  const installed = await findConnector(db, provider);
  if (installed === null) return fail({ kind: "transfer-not-installed", provider });
  return ok(await readTransfers(db, installed.id));
}
