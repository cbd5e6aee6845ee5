import type { Program } from "../../numscript/ast.js";
import { type Feature, features } from "../../numscript/features.js";
import { type Run, run } from "../../numscript/run.js";
import type { Script } from "./command.js";
import { type Needs, needAccount, needScale, needVolume } from "./needs.js";
import type { State } from "./state.js";
import { balance, volumeKey } from "./volumes.js";

const ALL_FEATURES: ReadonlySet<Feature> = new Set(features);

/** Runs `program`, which `script` holds, against a ledger in `state`. */
export const runOn = (state: State, program: Program, { variables, runtime }: Script): Run =>
  run(program, {
    variables,
    features: ALL_FEATURES,
    kept: runtime ?? (program.isForInterpreter ? "interpreter" : "machine"),
    isStrict: true,
    store: {
      balance: (account, asset) => balanceIn(state, account, asset),
      balances: (account, base) => balancesIn(state, account, base),
      metadata: (account) => state.metadata.get(account),
    },
  });

function balanceIn(state: State, account: string, asset: string): bigint | undefined {
  const volume = state.volumes.get(volumeKey(account, asset));
  return volume && balance(volume);
}

function balancesIn(state: State, account: string, base: string) {
  const assets = state.scales.get(volumeKey(account, base));
  if (assets === undefined) return undefined;
  return new Map([...assets].map((asset) => [asset, balanceIn(state, account, asset) ?? 0n]));
}

/** Adds to `needs` what `script` lacks in `state`, as far as it can tell before that is there. */
export function needScript(needs: Needs, state: State, script: Script): void {
  const { program } = script;
  if (program.ok) addLacking(needs, runOn(state, program.value, script), state);
}

/** Adds to `needs` what `state` lacks for the run to go on, or for what it has made to be written. */
export function addLacking(needs: Needs, ended: Run, state: State): void {
  if (ended.kind === "needs") {
    const { balances, destinations, scales, metadata } = ended.needs;
    for (const { account, asset } of balances) needVolume(needs, account, asset);
    for (const { account, asset } of destinations) needVolume(needs, account, asset);
    for (const { account, base } of scales) needScale(needs, account, base);
    for (const account of metadata) needs.metadata.add(account);
  } else if (ended.kind === "done") {
    const { postings, accountMetadata } = ended.outcome;
    const need = (account: string, asset: string) => {
      if (!state.volumes.has(volumeKey(account, asset))) needVolume(needs, account, asset);
    };
    for (const { source, destination, asset } of postings) {
      need(source, asset);
      need(destination, asset);
    }
    for (const account of accountMetadata.keys()) {
      if (!state.accounts.has(account)) needAccount(needs, account);
    }
  }
}
