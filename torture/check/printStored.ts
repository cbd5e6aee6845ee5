import { print } from "../shown.js";
import { changesOf, EMPTY } from "./replay.js";
import type { TransactionLog } from "./state.js";

/** A stored transaction as every answer to its write has to show it, printed. */
export function printStored(log: TransactionLog): string {
  const { txid, postings, reference, metadata, date, before } = log;
  const changes = changesOf(postings, (key) => before.get(key) ?? EMPTY);
  const pick = (when: "before" | "after") =>
    Object.fromEntries(
      changes.map((each) => [each.key, [each[when].input, each[when].output] as const]),
    );
  return print({
    ...{ id: String(txid), postings, reference: reference ?? "", metadata },
    ...{ at: Date.parse(date), before: pick("before"), after: pick("after") },
  });
}
