import type { Contract } from "./contract.js";
import { holds } from "./expression.js";
import type { TransactionRefusal } from "./failure.js";
import { contractFor, type Mapping } from "./mapping.js";
import type { Metadata } from "./metadata.js";
import { balance, type VolumeChange } from "./volumes.js";

/**
 * Why a transaction that changes `volumes` is not covered; null if it is. The first in the order of the postings is
 * named. Only its end counts, and an account below its limit may still receive less than it owes.
 */
export function refuseFunds(
  volumes: readonly VolumeChange[],
  mapping: Mapping,
  metadata: ReadonlyMap<string, Metadata>,
): TransactionRefusal | null {
  for (const change of volumes) {
    if (!isPaying(change)) continue;
    const contract = contractFor(mapping, change.account);
    const refusal = contract ? judge(contract, change, mapping, metadata) : judgeByDefault(change);
    if (refusal !== null) return refusal;
  }
  return null;
}

const isPaying = ({ account, before, after }: VolumeChange): boolean =>
  account !== "world" && balance(after) < balance(before);

const judgeByDefault = (change: VolumeChange): TransactionRefusal | null =>
  balance(change.after) < 0n ? insufficientFunds(change) : null;

function judge(
  contract: Contract,
  change: VolumeChange,
  { contracts }: Mapping,
  metadata: ReadonlyMap<string, Metadata>,
): TransactionRefusal | null {
  const { account, after } = change;
  const known = metadata.get(account);
  if (contract.readsMetadata && !known) throw new RangeError(`metadata not loaded: ${account}`);
  const result = holds(contract.rule, { balance: balance(after), metadata: known ?? {} });
  if (!result.ok) {
    const { name } = contract;
    const index = contracts.indexOf(contract);
    return {
      kind: "contract-undecidable",
      contract: index,
      name,
      account,
      problem: result.failure,
    };
  }
  return result.value ? null : insufficientFunds(change);
}

const insufficientFunds = ({
  account,
  asset,
  before,
  after,
}: VolumeChange): TransactionRefusal => ({
  kind: "insufficient-funds",
  account,
  asset,
  available: balance(before),
  needed: balance(before) - balance(after),
});
