import type { Connection, Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import { mappingJson } from "../domain/mapping.js";
import type { MappingUpdate } from "../domain/state.js";

/** An update of the mapping as it is stored. */
export interface MappingRow {
  readonly event: bigint;
  readonly date: Micros;
  readonly actor: string | null;
  /** As `mappingJson` writes them. */
  readonly contracts: string;
}

const LAST =
  "select event, date, actor, contracts from mappings where ledger = $1 order by event desc limit 1";

/** The mapping in force; null if there was never one. */
export async function loadMapping(
  connection: Connection,
  ledger: number,
): Promise<MappingRow | null> {
  const { rows } = await connection.query<MappingRow>(LAST, [ledger]);
  return rows[0] ?? null;
}

/** As `loadMapping`, for readers. */
export async function readMapping(db: Db, ledger: number): Promise<MappingRow | null> {
  const row = await db("mappings").where({ ledger }).orderBy("event", "desc").first();
  return row ?? null;
}

export const saveMapping = (
  connection: Connection,
  ledger: number,
  { event, date, actor, mapping }: MappingUpdate,
): Promise<unknown> =>
  connection.query(
    "insert into mappings (ledger, event, date, actor, contracts) values ($1, $2, $3, $4, $5)",
    [ledger, event, formatInstant(date), actor, mappingJson(mapping)],
  );

/** Whether `update` is stored. */
export async function hasMapping(
  connection: Connection,
  ledger: number,
  { event, date, actor, mapping }: MappingUpdate,
): Promise<boolean> {
  const { rows } = await connection.query(
    `select from mappings where ledger = $1 and event = $2 and date = $3 and actor is not distinct from $4
     and contracts = $5`,
    [ledger, event, formatInstant(date), actor, mappingJson(mapping)],
  );
  return rows.length > 0;
}

/** How many mappings the ledger ever had; null if one has a number that is not below `events`. */
export async function countMappings(
  db: Db,
  ledger: number,
  events: bigint,
): Promise<bigint | null> {
  const { rows } = await db.raw<{ rows: { count: bigint; strays: bigint }[] }>(
    `select count(*), count(*) filter (where event < 0 or event >= ?) as strays
     from mappings where ledger = ?`,
    [String(events), ledger],
  );
  const { count, strays } = rows[0] ?? { count: 0n, strays: 0n };
  return strays === 0n ? count : null;
}
