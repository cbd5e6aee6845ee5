import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import {
  isFinal,
  type Transfer,
  type TransferOrder,
  type TransferProgress,
} from "../domain/transfer.js";

/** The transfers that were asked of an installation, newest first. */
export const listTransfers = (db: Db, connector: string): Promise<Transfer[]> =>
  db("transfers")
    .select("id", "source", "destination", "amount", "asset", "status", "error")
    .where({ connector })
    .orderBy([
      { column: "created_at", order: "desc" },
      { column: "id", order: "desc" },
    ]);

export const insertTransfer = (
  trx: Db,
  connector: string,
  { id, source, destination, amount, currency }: TransferOrder,
  now: Micros,
): Promise<unknown> =>
  trx("transfers").insert({
    ...{ id, connector, source, destination, amount: String(amount), asset: currency },
    ...{ status: "PENDING", created_at: formatInstant(now) },
  });

/** Null if it was not asked of that installation. */
export const findTransfer = async (
  db: Db,
  connector: string,
  id: string,
): Promise<TransferOrder | null> =>
  (await db("transfers")
    .select("id", "source", "destination", "amount", "asset as currency")
    .where({ id, connector })
    .first()) ?? null;

/** Has a transfer stand as its provider says, unless it has come to its end already. */
export const saveProgress = (
  trx: Db,
  connector: string,
  { id, status, reference, error }: TransferProgress,
): Promise<unknown> =>
  trx("transfers")
    .where({ id, connector, status: "PENDING" })
    .update({
      ...{ status, error: isFinal(status) ? errorOf(status, error) : null },
      ...(reference !== undefined && { reference: storable(reference) }),
    });

const errorOf = (status: string, error = ""): string =>
  status === "SUCCEEDED" ? "" : storable(error) || "unknown error";

const storable = (text: string): string => text.replaceAll("\0", "").slice(0, 1000);
