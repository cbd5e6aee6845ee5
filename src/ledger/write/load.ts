import type { Connection } from "../../db/database.js";
import { type Needs, needsOfReverts, type Wanted } from "../domain/needs.js";
import { newState, type State } from "../domain/state.js";
import { EMPTY, volumeKey } from "../domain/volumes.js";
import { loadAnswers } from "../store/loadAnswers.js";
import { loadReferences } from "../store/loadReferences.js";
import { loadTransactions } from "../store/loadTransactions.js";
import { loadVolumes } from "../store/loadVolumes.js";
import type { Cache } from "./cache.js";

/** All that a batch needs to be decided and saved. */
export interface Loaded {
  readonly state: State;
  /** Of the accounts that exist, by address. */
  readonly accountIds: Map<string, bigint>;
}

/** Reads what `needs` names and `cache` does not know. The caller holds the head's lock, or checks the head later. */
export async function load(connection: Connection, cache: Cache, needs: Needs): Promise<Loaded> {
  const loaded = { state: newState(cache.head), accountIds: new Map<string, bigint>() };
  await fill(connection, cache, needs, loaded);
  if (loaded.state.transactions.size > 0) {
    await fill(connection, cache, needsOfReverts(loaded.state.transactions), loaded);
  }
  return loaded;
}

async function fill(
  connection: Connection,
  cache: Cache,
  needs: Needs,
  { state, accountIds }: Loaded,
): Promise<void> {
  const [volumes, references, answers, transactions] = await Promise.all([
    loadVolumes(connection, cache.ledger, recall(cache, needs, { state, accountIds })),
    loadReferences(connection, cache.ledger, [...needs.references]),
    loadAnswers(connection, cache.ledger, [...needs.idempotencyKeys]),
    loadTransactions(connection, cache.ledger, [...needs.reverts]),
  ]);
  for (const { account, asset, id, volume } of volumes) {
    accountIds.set(account, id);
    if (asset !== null && volume) state.volumes.set(volumeKey(account, asset), volume);
  }
  for (const reference of references) state.references.add(reference);
  for (const [key, answer] of answers) state.answers.set(key, answer);
  for (const [txid, transaction] of transactions) state.transactions.set(txid, transaction);
}

/** Takes from `cache` what it knows. The rest is returned, and counts as empty until it is found. */
function recall(cache: Cache, { accounts }: Needs, { state, accountIds }: Loaded): Wanted[] {
  const unknown: Wanted[] = [];
  for (const [key, wanted] of accounts) {
    const id = cache.accountIds.get(wanted.account);
    const volume = wanted.asset === null ? EMPTY : cache.volumes.get(key);
    if (id !== undefined) accountIds.set(wanted.account, id);
    if (wanted.asset !== null) state.volumes.set(key, volume ?? EMPTY);
    if (id === undefined || volume === undefined) unknown.push(wanted);
  }
  return unknown;
}
