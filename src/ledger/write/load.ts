import type { Connection } from "../../db/database.js";
import type { Request } from "../domain/command.js";
import { effectsOf } from "../domain/effects.js";
import type { Needs, Wanted } from "../domain/needs.js";
import { needsOf, needsOfReverts } from "../domain/needsOf.js";
import { newState, type State } from "../domain/state.js";
import { baseOf, EMPTY, volumeKey } from "../domain/volumes.js";
import { loadAnswers } from "../store/loadAnswers.js";
import { loadMetadata } from "../store/loadMetadata.js";
import { loadReferences } from "../store/loadReferences.js";
import { loadScales } from "../store/loadScales.js";
import { loadTransactions } from "../store/loadTransactions.js";
import { loadVolumes } from "../store/loadVolumes.js";
import type { Cache } from "./cache.js";

/** How often what was loaded may tell what else to load. */
export const MOST_ROUNDS = 32;

/**
 * A state with all that `requests` need, as far as can be told before they are decided. The caller holds the head's
 * lock, or checks the head later.
 */
export async function load(
  connection: Connection,
  cache: Cache,
  requests: readonly Request[],
): Promise<State> {
  const state = newState(cache.head, cache.mapping);
  let needs = needsOf(requests, state);
  await fill(connection, cache, needs, state);
  if (state.transactions.size > 0) await fill(connection, cache, needsOfReverts(state), state);
  const scripts = requests.filter(({ command }) => command.kind === "run-script");
  for (let round = 1; needs.metadata.size > 0 && round < MOST_ROUNDS; round++) {
    needs = { ...needsOf(scripts, state), references: new Set(), answers: new Map() };
    await fill(connection, cache, needs, state);
  }
  return state;
}

/**
 * Adds to `state` what `needs` names and it lacks: what `cache` knows, else what is stored. The state may be ahead of
 * both, by what was written to it.
 */
export async function fill(
  connection: Connection,
  cache: Cache,
  needs: Needs,
  state: State,
): Promise<void> {
  const { ledger } = cache;
  const [volumes, references, answers, transactions] = await Promise.all([
    loadVolumes(connection, ledger, recall(cache, needs, state)),
    loadReferences(connection, ledger, [...needs.references]),
    loadAnswers(connection, ledger, [...needs.answers.values()]),
    loadTransactions(connection, ledger, [...needs.reverts]),
    needs.scales.size > 0 && fillScales(connection, ledger, needs, state),
    needs.metadata.size > 0 && fillMetadata(connection, ledger, needs, state),
  ]);
  for (const { account, asset, id, volume } of volumes) {
    state.accounts.set(account, id);
    if (asset !== null && volume) state.volumes.set(volumeKey(account, asset), volume);
  }
  for (const reference of references) state.references.add(reference);
  for (const [key, answer] of answers) state.answers.set(key, answer);
  for (const [txid, transaction] of transactions) state.transactions.set(txid, transaction);
}

/** Takes from `cache` what it knows. The rest is returned, and counts as empty until it is found. */
function recall(cache: Cache, { accounts }: Needs, state: State): Wanted[] {
  const unknown: Wanted[] = [];
  for (const [key, wanted] of accounts) {
    const { account, asset } = wanted;
    if (asset === null ? state.accounts.has(account) : state.volumes.has(key)) continue;
    const id = cache.accountIds.get(account);
    const volume = asset === null ? EMPTY : cache.volumes.get(key);
    if (id !== undefined) state.accounts.set(account, id);
    else if (!state.accounts.has(account)) state.accounts.set(account, null);
    if (asset !== null) state.volumes.set(key, volume ?? EMPTY);
    if (id === undefined || volume === undefined) unknown.push(wanted);
  }
  return unknown;
}

async function fillScales(
  connection: Connection,
  ledger: number,
  needs: Needs,
  state: State,
): Promise<void> {
  const wanted = [...needs.scales].filter(([key]) => !state.scales.has(key));
  const found = await loadScales(
    connection,
    ledger,
    wanted.map(([, scale]) => scale),
  );
  for (const [key] of wanted) state.scales.set(key, new Set());
  const add = (account: string, asset: string) =>
    state.scales.get(volumeKey(account, baseOf(asset)))?.add(asset);
  for (const { account, asset, input, output } of found) {
    add(account, asset);
    const key = volumeKey(account, asset);
    if (!state.volumes.has(key)) state.volumes.set(key, { input, output });
  }
  if (wanted.length === 0) return;
  for (const { account, asset } of effectsOf(state.logs).volumes.values()) add(account, asset);
}

async function fillMetadata(
  connection: Connection,
  ledger: number,
  needs: Needs,
  state: State,
): Promise<void> {
  const wanted = [...needs.metadata].filter((account) => !state.metadata.has(account));
  const stored = await loadMetadata(connection, ledger, wanted);
  const written = effectsOf(state.logs).accounts;
  for (const account of wanted) {
    state.metadata.set(account, { ...stored.get(account), ...written.get(account) });
  }
}
