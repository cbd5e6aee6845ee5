import { effectsOf } from "../domain/effects.js";
import type { Answer, Head, State } from "../domain/state.js";
import type { Batch } from "../store/saveBatch.js";
import type { Cache } from "./cache.js";

/** What was written to `state` since it was `cache`; new accounts get their ids here. */
export function toBatch(
  { ledger, nextAccount: firstNewAccount, head }: Cache,
  state: State,
): Batch {
  const { accounts, logs } = state;
  const effects = effectsOf(logs);
  let nextAccount = firstNewAccount;
  for (const address of effects.accounts.keys()) {
    if (accounts.get(address) === null) accounts.set(address, nextAccount++);
  }
  const answers = [...state.answers].filter(([, answer]) => isNew(answer, head));
  return {
    ledger,
    head: state.head,
    logs,
    effects,
    answers,
    accounts,
    firstNewAccount,
    nextAccount,
  };
}

const isNew = ({ firstLogId, mapping }: Answer, { nextLogId, nextEvent }: Head): boolean =>
  firstLogId === null ? mapping !== null && mapping >= nextEvent : firstLogId >= nextLogId;
