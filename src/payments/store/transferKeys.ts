import type { Db } from "../../db/database.js";
import type { Idempotency } from "../../lib/idempotency.js";

/** What an idempotency key stands for. */
export interface KeyHolder {
  /** Whether nobody has used the key before. */
  readonly isNew: boolean;
  readonly requestHash: string;
  /** Id of the transfer. */
  readonly transfer: string;
  /** JSON text that the caller was answered with; null if none is known. */
  readonly answer: string | null;
}

/** Has a key of a provider stand for `transfer`, unless it stands for another one. Who asks meanwhile waits for `trx`. */
export async function takeKey(
  trx: Db,
  provider: string,
  { key, requestHash }: Idempotency,
  transfer: string,
): Promise<KeyHolder> {
  const { rows } = await trx.raw<{ rows: [KeyHolder] }>(
    `insert into transfer_keys as known (provider, key, request_hash, transfer) values (?, ?, decode(?, 'hex'), ?)
    on conflict (provider, key) do update set key = excluded.key
    returning xmax = 0 as "isNew", encode(request_hash, 'hex') as "requestHash", transfer, answer`,
    [provider, key, requestHash, transfer],
  );
  return rows[0];
}

/** Keeps what a caller is answered under a key. */
export const keepAnswer = (
  db: Db,
  provider: string,
  { key, requestHash }: Idempotency,
  transfer: string,
  answer: string,
): Promise<unknown> =>
  db.raw(
    `insert into transfer_keys as known (provider, key, request_hash, transfer, answer)
    values (?, ?, decode(?, 'hex'), ?, ?)
    on conflict (provider, key) do update set answer = excluded.answer where known.transfer = excluded.transfer`,
    [provider, key, requestHash, transfer, answer],
  );

/** Gives a key free again: what it stood for will never be. */
export const freeKey = (
  db: Db,
  provider: string,
  key: string,
  transfer: string,
): Promise<unknown> =>
  db("transfer_keys").where({ provider, key, transfer, answer: null }).delete();
