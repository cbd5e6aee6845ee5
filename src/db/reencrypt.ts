import { decrypt, type EncryptionKeys, encrypt } from "../lib/encrypt.js";
import type { Db } from "./database.js";

/** A table whose column `sealed` is encrypted, each value for the place that `placeOf` tells. */
export interface SealedTable {
  readonly name: string;
  /** Columns of its primary key. */
  readonly key: readonly string[];
}

/** The place of a value in a sealed table, for `encrypt` and `decrypt`: its row's primary key. */
export const placeOf = (table: string, ...key: readonly KeyPart[]): string =>
  [table, ...key.map((it) => (typeof it === "string" ? it : it.toString("hex")))].join(" ");

type KeyPart = string | Buffer;

interface SealedRow {
  readonly key: readonly KeyPart[];
  readonly sealed: Buffer;
}

export interface Reencrypted {
  /** Values that are under the first key now, and were not before. */
  readonly resealed: number;
  /** Values that none of the keys opens. */
  readonly unreadable: number;
}

const BATCH = 100;

/** More passes than it takes to catch up with processes that write under the first key. */
const PASSES = 5;

/**
 * Puts every value of a table under the first key. Safe beside processes that read and write it, and to repeat. Once
 * they all write under the first key, nothing is left under another one.
 */
export async function reencrypt(
  db: Db,
  keys: EncryptionKeys,
  table: SealedTable,
): Promise<Reencrypted> {
  let resealed = 0;
  for (let number = 1; number <= PASSES; number++) {
    const pass = await passOver(db, keys, table);
    resealed += pass.resealed;
    if (pass.resealed + pass.changed === 0) return { resealed, unreadable: pass.unreadable };
  }
  throw new Error(
    `Values of ${table.name} go on appearing under another key than the first: a server that runs has that key first. Restart it, and run this again.`,
  );
}

type Outcome = "current" | "resealed" | "changed" | "unreadable";

async function passOver(db: Db, keys: EncryptionKeys, table: SealedTable) {
  const counts: Record<Outcome, number> = { current: 0, resealed: 0, changed: 0, unreadable: 0 };
  for (let last: SealedRow | null = null; ; ) {
    const rows: SealedRow[] = await listRows(db, table, last);
    // One commit each: a batch that held many rows at once could deadlock with a server.
    for (const outcome of await Promise.all(rows.map((row) => reseal(db, keys, table, row)))) {
      counts[outcome]++;
    }
    last = rows[BATCH - 1] ?? null;
    if (last === null) return counts;
  }
}

async function listRows(
  db: Db,
  { name, key }: SealedTable,
  last: SealedRow | null,
): Promise<SealedRow[]> {
  const rows: (Record<string, KeyPart> & { sealed: Buffer })[] = await db(name)
    .select(...key, "sealed")
    .modify((query) => {
      if (last !== null) query.whereRaw(`(${key}) > (${key.map(() => "?")})`, [...last.key]);
    })
    .orderBy([...key])
    .limit(BATCH);
  // `key` names columns that are selected and never null.
  return rows.map((row) => ({ key: key.map((it) => row[it] as KeyPart), sealed: row.sealed }));
}

async function reseal(
  db: Db,
  keys: EncryptionKeys,
  table: SealedTable,
  { key, sealed }: SealedRow,
): Promise<Outcome> {
  const place = placeOf(table.name, ...key);
  if (decrypt([keys[0]], sealed, place) !== null) return "current";
  const plain = decrypt(keys, sealed, place);
  if (plain === null) return "unreadable";
  // Only if nobody has written or deleted it meanwhile.
  const updated = await db(table.name)
    .where(Object.fromEntries(table.key.map((column, index) => [column, key[index]])))
    .where({ sealed })
    .update({ sealed: encrypt(keys, plain, place) });
  return updated === 0 ? "changed" : "resealed";
}
