import type { Ledger } from "../../../src/ledger/ledger.js";
import { NOW, request, testLedger, transaction } from "../support.js";
import { accounts, balances, type List, logs, transactions } from "./lists.js";

export const LISTS: Readonly<Record<string, List>> = { transactions, accounts, balances, logs };

/** Forty transactions among ten users, some metadata, one transaction a second. */
export async function busyLedger(): Promise<Ledger> {
  const ledger = await testLedger();
  for (let txid = 0; txid < 40; txid++) {
    const user = `users:${(txid * 7) % 10}`;
    await ledger.write(
      "main",
      transaction(txid % 3 === 2 ? `${user} > shop 0 USD/2` : `world > ${user} ${txid} USD/2`, {
        timestamp: NOW + BigInt(txid) * 1_000_000n,
        metadata: { odd: txid % 2 === 1 },
      }),
    );
  }
  const metadata = { odd: true };
  for (const account of ["users:3", "users:5", "noted:1", "noted:2"]) {
    await ledger.write("main", request({ kind: "set-metadata", target: { account }, metadata }));
  }
  return ledger;
}

/** So many seconds after its first transaction. */
export const seconds = (second: number) => ({
  seconds: NOW / 1_000_000n + BigInt(second),
  nanos: 0,
});
