import { fail, ok, type Result } from "../../lib/result.js";
import type { NewTransaction } from "./command.js";
import { startDraft, type Terms, transact } from "./create.js";
import type { Refusal } from "./failure.js";
import type { Entry } from "./log.js";
import { REVERTED, REVERTS } from "./metadata.js";
import type { Posting } from "./posting.js";
import type { Revertible, State } from "./state.js";

/** The entries that undo transaction `txid`: its mirror image, and a mark on it. */
export function revert(
  state: State,
  txid: bigint,
  terms: Terms,
): Result<readonly Entry[], Refusal> {
  const original = state.transactions.get(txid);
  if (original === undefined) return fail({ kind: "revert-not-found", txid });
  if (REVERTED in original.metadata) return fail({ kind: "already-reverted", txid });
  const created = transact(startDraft(state), mirror(original, txid), terms);
  if (!created.ok) {
    const { failure } = created;
    const isShort = failure.kind === "insufficient-funds";
    return fail(isShort ? { ...failure, kind: "revert-insufficient-funds", txid } : failure);
  }
  const { date, transaction } = created.value;
  const metadata = { [REVERTED]: { by: String(transaction.txid) } };
  return ok([created.value, { type: "SET_METADATA", date, target: { txid }, metadata }]);
}

/** The transaction that undoes another one: its postings backwards, from destination to source. */
export const mirror = ({ postings, reference }: Revertible, txid: bigint): NewTransaction => ({
  postings: postings.map(turn).reverse(),
  reference: reference === null ? null : `revert_${reference}`,
  metadata: { [REVERTS]: String(txid) },
  timestamp: null,
});

const turn = ({ source, destination, asset, amount }: Posting): Posting => ({
  source: destination,
  destination: source,
  asset,
  amount,
});
