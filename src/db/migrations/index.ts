import type { Db } from "../database.js";
import * as ledger from "./0001_ledger.js";
import * as auth from "./0002_auth.js";

export interface Migration {
  /** Its number, an underscore, and what it is about: "0001_ledger". Never changed once released. */
  readonly name: string;
  readonly up: (db: Db) => Promise<void>;
}

/** Every migration, in the order in which they run. There is no way back: a mistake is mended by the next one. */
export const migrations: readonly Migration[] = [
  { name: "0001_ledger", ...ledger },
  { name: "0002_auth", ...auth },
];
