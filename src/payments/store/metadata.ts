import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Metadata } from "../domain/metadata.js";

/** The metadata of a payment, locked until `trx` ends; null if there is no such payment. */
export async function lockMetadata(trx: Db, id: string): Promise<Metadata | null> {
  const row = await trx("payments").select("metadata").where({ id }).forUpdate().first();
  return row === undefined ? null : row.metadata;
}

/** Replaces the metadata of a payment by what `sent` made of it, and notes what was sent. */
export async function saveMetadata(
  trx: Db,
  id: string,
  { sent, merged }: { readonly sent: Metadata; readonly merged: Metadata },
  now: Micros,
): Promise<void> {
  await trx("payments")
    .where({ id })
    .update({ metadata: JSON.stringify(merged) });
  await trx.raw(
    `insert into payment_metadata_log (payment, key, value, date)
    select ?, key, value, ?::timestamptz from jsonb_each_text(?::jsonb)`,
    [id, formatInstant(now), JSON.stringify(sent)],
  );
}
