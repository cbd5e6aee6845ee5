import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Account, ToldAccount } from "../domain/payment.js";

/**
 * Stores `accounts`, each reference at most once among them; answers those that are new. One that both pays and is paid
 * stays what it was first.
 */
export async function saveAccounts(
  trx: Db,
  { connector, provider }: { readonly connector: string; readonly provider: string },
  accounts: readonly ToldAccount[],
  now: Micros,
): Promise<Account[]> {
  if (accounts.length === 0) return [];
  const { rows } = await trx.raw<{ rows: Account[] }>(
    `insert into payment_accounts (id, connector, provider, reference, type, created_at)
    select gen_random_uuid(), ?, ?, reference, type, ?::timestamptz
    from unnest(?::text[], ?::text[]) as told (reference, type)
    on conflict (provider, reference) do nothing
    returning id, provider, reference, type, created_at as "createdAt"`,
    [
      ...[connector, provider, formatInstant(now)],
      accounts.map(({ reference }) => reference),
      accounts.map(({ type }) => type),
    ],
  );
  return rows;
}
