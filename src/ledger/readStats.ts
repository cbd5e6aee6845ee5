import type { Ledger } from "./ledger.js";
import { findLedger } from "./store/findLedger.js";

export interface Stats {
  readonly accounts: bigint;
  readonly transactions: bigint;
}

/** How much a ledger holds. Its numbers have no gaps, so the next ones tell. */
export async function readStats({ db }: Ledger, name: string): Promise<Stats> {
  const head = await findLedger(db, name);
  return { accounts: head?.nextAccount ?? 0n, transactions: head?.nextTxid ?? 0n };
}
