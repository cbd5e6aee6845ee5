import type { Micros } from "../lib/time.js";
import { type Mapping, NO_MAPPING, readMappingJson } from "./domain/mapping.js";
import type { Ledger } from "./ledger.js";
import { readLedger } from "./readLedger.js";
import { readMapping } from "./store/mappings.js";

/** The rules in force, and who set them when. */
export interface MappingInForce {
  readonly mapping: Mapping;
  readonly actor: string | null;
  /** Null if nobody ever did. */
  readonly date: Micros | null;
}

export async function getMapping(ledger: Ledger, name: string): Promise<MappingInForce> {
  const row = await readLedger(ledger, name, null, readMapping);
  if (row === null) return { mapping: NO_MAPPING, actor: null, date: null };
  return { ...row, mapping: readMappingJson(row.contracts) };
}
