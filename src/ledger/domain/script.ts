import { fail } from "../../lib/result.js";
import { truncateToSecond } from "../../lib/time.js";
import type { ScriptRefusal } from "../../numscript/refusal.js";
import type { Outcome } from "../../numscript/run.js";
import type { RunScript } from "./command.js";
import { type Draft, enter, refuse, startDraft, type Terms } from "./create.js";
import type { Decision } from "./decide.js";
import type { ScriptFailure } from "./failure.js";
import type { Entry } from "./log.js";
import { noNeeds } from "./needs.js";
import { excessOf, printedTexts, toMetadata } from "./scriptOutput.js";
import { addLacking, runOn } from "./scriptRun.js";
import type { State } from "./state.js";
import { changeVolumes } from "./volumes.js";

/** What `command` would log, or why not. Whether the money is there is the script's own affair, not the mapping's. */
export function runScript(state: State, command: RunScript, terms: Terms): Decision {
  const draft = startDraft(state);
  const refusal = refuse(draft, command, terms);
  if (refusal !== null) return fail(refusal);
  const { text, program } = command.script;
  if (text === "") return fail({ kind: "no-script" });
  if (!program.ok) return fail({ kind: "script-invalid", problems: program.failure });

  const ended = runOn(state, program.value, command.script);
  if (ended.kind === "refused") return fail(toFailure(ended.refusal));
  const failure = ended.kind === "done" ? judge(ended.outcome, command) : null;
  if (failure !== null) return fail(failure);
  const needs = noNeeds();
  addLacking(needs, ended, state);
  if (ended.kind === "needs" || needs.accounts.size > 0) return { kind: "unloaded", needs };
  const { outcome } = ended;
  return {
    ok: true,
    value: toEntries(draft, command, outcome, terms),
    ...(outcome.printed.length > 0 && { printed: printedTexts(outcome.printed) }),
  };
}

function toFailure(refusal: ScriptRefusal): ScriptFailure {
  if (refusal.kind === "missing-funds") return { kind: "script-insufficient-funds", refusal };
  if (refusal.kind === "failed") return { kind: "script-failed", refusal };
  return { kind: "script-refused", refusal };
}

/** Why what a script makes is no transaction; null if it is one. */
function judge(outcome: Outcome, { metadata }: RunScript): ScriptFailure | null {
  if (outcome.postings.length === 0) return { kind: "script-without-postings" };
  const what = excessOf(outcome);
  if (what !== null) return { kind: "script-excessive", what };
  for (const key of outcome.transactionMetadata.keys()) {
    if (Object.hasOwn(metadata, key)) return { kind: "metadata-override", key };
  }
  return null;
}

/** The transaction, and then the metadata of accounts in the order of their first writes. */
function toEntries(
  draft: Draft,
  { reference, timestamp, metadata: sent }: RunScript,
  { postings, transactionMetadata, accountMetadata }: Outcome,
  terms: Terms,
): Entry[] {
  const metadata = { ...toMetadata(transactionMetadata), ...sent };
  const volumes = changeVolumes(postings, draft.volumeOf);
  const date = truncateToSecond(terms.now);
  return [
    enter(draft, { postings, reference, timestamp, metadata }, volumes, terms),
    ...Array.from(accountMetadata, ([account, values]): Entry => {
      return { type: "SET_METADATA", date, target: { account }, metadata: toMetadata(values) };
    }),
  ];
}
