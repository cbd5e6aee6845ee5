import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RunScriptResponseSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type * as pb from "../../gen/florin/ledger/v1/transaction_pb.js";
import { ScriptRuntime } from "../../gen/florin/ledger/v1/transaction_pb.js";
import { fail, ok, type Result } from "../lib/result.js";
import { compileOnce } from "../numscript/compileOnce.js";
import { toApiError } from "../server/unwrap.js";
import type { Script } from "./domain/command.js";
import type { ScriptFailure } from "./domain/failure.js";
import { type LedgerFailure, ledgerErrors } from "./errors.js";
import type { RequestFault } from "./fault.js";
import { playground } from "./scriptMessages.js";

export type SentScript = Pick<pb.Script, "plain" | "vars" | "runtime">;

/** Reads a script: here, before it waits for its turn to write. */
export function toScript(sent: SentScript): Result<Script, RequestFault> {
  const runtime = RUNTIMES.get(sent.runtime);
  if (runtime === undefined) return fail({ kind: "invalid-runtime" });
  return ok({
    text: sent.plain,
    program: compileOnce(sent.plain),
    variables: new Map(Object.entries(sent.vars)),
    runtime,
  });
}

const RUNTIMES: ReadonlyMap<ScriptRuntime, Script["runtime"]> = new Map([
  [ScriptRuntime.UNSPECIFIED, null],
  [ScriptRuntime.MACHINE, "machine"],
  [ScriptRuntime.INTERPRETER, "interpreter"],
] as const);

/** What RunScript answers, and does not throw: what the ledger or the script refuses. */
const ANSWERS: Readonly<
  Record<ScriptFailure["kind"] | "past-timestamp" | "reference-taken" | "too-many-reads", true>
> = {
  "past-timestamp": true,
  "reference-taken": true,
  "no-script": true,
  "script-invalid": true,
  "script-refused": true,
  "script-insufficient-funds": true,
  "script-failed": true,
  "script-without-postings": true,
  "script-excessive": true,
  "metadata-override": true,
  "too-many-reads": true,
};

/** The answer of RunScript to a refusal; null if that is an error. */
export function fromRefusal(
  failure: LedgerFailure,
): MessageInitShape<typeof RunScriptResponseSchema> | null {
  if (!(failure.kind in ANSWERS)) return null;
  const { errorCode, rawMessage, restDetails } = toApiError(failure, ledgerErrors);
  const code = `[${errorCode}] `;
  const errorMessage = rawMessage.startsWith(code) ? rawMessage.slice(code.length) : rawMessage;
  const hasDetails = restDetails !== undefined || failure.kind === "reference-taken";
  return {
    errorCode,
    errorMessage,
    details: hasDetails ? playground(errorMessage) : "",
    transaction: NO_TRANSACTION,
  };
}

/** The contract has one after a refusal too: of the first instant of the year 1. */
const NO_TRANSACTION = { metadata: {}, timestamp: { seconds: -62_135_596_800n } };
