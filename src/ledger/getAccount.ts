import type { Ledger } from "./ledger.js";
import { readLedger } from "./readLedger.js";
import { type AccountWithVolumes, readAccount } from "./store/accounts.js";

/** An account and what it holds. One that nobody has used answers without metadata and volumes. */
export async function getAccount(
  ledger: Ledger,
  name: string,
  address: string,
): Promise<AccountWithVolumes> {
  const account = await readLedger(ledger, name, null, (db, id) => readAccount(db, id, address));
  return account ?? { address, metadata: {}, volumes: new Map() };
}
