import type { LedgerClient } from "../client.js";
import type { Model } from "./model.js";

/** What a ledger shows of itself, in the words of the model. */
export async function readAll(client: LedgerClient, ledger: string) {
  const balances: Record<string, bigint> = {};
  const annotations: Record<string, string> = {};
  const { cursor: held } = await client.getBalances({ ledger, pageSize: 1000 });
  for (const { accounts } of held?.data ?? []) {
    for (const [account, { balances: byAsset }] of Object.entries(accounts)) {
      const balance = BigInt(Object.values(byAsset)[0] ?? 0);
      if (balance !== 0n) balances[account] = balance;
    }
  }
  const { cursor: known } = await client.listAccounts({ ledger, pageSize: 1000 });
  for (const { address, metadata } of known?.data ?? []) {
    if (metadata && "value" in metadata) annotations[address] = String(metadata["value"]);
  }
  const { cursor } = await client.listTransactions({ ledger, pageSize: 1000 });
  const transactions = (cursor?.data ?? []).reverse().map(({ reference, metadata }) => ({
    reference,
    isReverted: metadata !== undefined && "com.numary.spec/state/reverted" in metadata,
  }));
  return { balances, annotations, transactions };
}

export const modelAll = (model: Model) => ({
  balances: Object.fromEntries(
    [...model.balances].filter(([account, balance]) => account !== "-" && balance !== 0n),
  ),
  annotations: Object.fromEntries(model.annotations),
  transactions: model.transactions.map(({ reference, isReverted }) => ({ reference, isReverted })),
});

/** The marks of what was written from log `first` on, in order; a revert's is the number of what it undoes. */
export async function marksSince(
  client: LedgerClient,
  ledger: string,
  first: bigint,
): Promise<string[]> {
  const { cursor } = await client.listLogs({ ledger, pageSize: 1000 });
  const marks: string[] = [];
  for (const { id, data } of (cursor?.data ?? []).reverse()) {
    const metadata = data?.data.value?.metadata ?? {};
    if (id < first || "com.numary.spec/state/reverted" in metadata) continue;
    const reverts = metadata["com.numary.spec/state/reverts"];
    const mark = reverts === undefined ? String(metadata["key"]) : `revert ${reverts}`;
    if (mark !== marks.at(-1)) marks.push(mark);
  }
  return marks;
}

/** The number of logs. */
export async function countLogs(client: LedgerClient, ledger: string): Promise<bigint> {
  const { cursor } = await client.listLogs({ ledger, pageSize: 1 });
  const [last] = cursor?.data ?? [];
  return last === undefined ? 0n : last.id + 1n;
}
