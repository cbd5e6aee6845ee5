import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import { takeEvent } from "./events.js";

/** A connector that is installed, as it is stored. */
export interface ConnectorRow {
  readonly id: string;
  readonly provider: string;
  /** Its configuration, encrypted. */
  readonly sealed: Buffer;
}

const COLUMNS = ["id", "provider", "sealed"];

/** All of them, by provider. */
export const listConnectors = (db: Db): Promise<Omit<ConnectorRow, "sealed">[]> =>
  db("connectors").select("id", "provider").orderBy("provider");

/** Null if none of that kind is installed. */
export const findConnector = async (db: Db, provider: string): Promise<ConnectorRow | null> =>
  (await db("connectors").select(COLUMNS).where({ provider }).first()) ?? null;

export const findConnectorById = async (db: Db, id: string): Promise<ConnectorRow | null> =>
  (await db("connectors").select(COLUMNS).where({ id }).first()) ?? null;

/** As `findConnector`, and nobody changes it, or what it has brought, until `trx` ends. */
export const lockConnector = async (trx: Db, provider: string): Promise<ConnectorRow | null> =>
  (await trx("connectors").select(COLUMNS).where({ provider }).forUpdate().first()) ?? null;

/** False if one of that kind is installed already. */
export async function insertConnector(
  trx: Db,
  { id, provider, sealed }: ConnectorRow,
  now: Micros,
): Promise<boolean> {
  const inserted = await trx("connectors")
    .insert({ id, provider, sealed, created_at: formatInstant(now) })
    .onConflict("provider")
    .ignore()
    .returning("id");
  return inserted.length === 1;
}

/** Deletes a connector and all that it has brought; answers the number of the event that tells of it. */
export async function deleteConnector(
  trx: Db,
  { id, provider }: Pick<ConnectorRow, "id" | "provider">,
  now: Micros,
): Promise<bigint> {
  for (const table of [
    "payment_adjustments",
    "payments",
    "payment_accounts",
    "transfers",
    "connector_tasks",
  ]) {
    await trx(table).where({ connector: id }).delete();
  }
  await trx("connectors").where({ id }).delete();
  const event = await takeEvent(trx);
  await trx("connector_resets").insert({
    event: String(event),
    provider,
    date: formatInstant(now),
  });
  return event;
}
