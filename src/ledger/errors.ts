import { Code } from "@connectrpc/connect";
import { cut } from "../lib/cut.js";
import { formatGoDuration } from "../lib/goDuration.js";
import { formatInstant } from "../lib/time.js";
import { describeRefusal } from "../numscript/describe.js";
import type { ErrorCode } from "../server/apiError.js";
import { idempotencyErrors } from "../server/idempotencyErrors.js";
import type { ErrorTable } from "../server/unwrap.js";
import type { RequestFault } from "./fault.js";
import type { ImportFailure } from "./importLogs.js";
import type { Closing } from "./ledger.js";
import { listProblems, playground, problemFacts, refusalFacts } from "./scriptMessages.js";
import type { SearchFailure } from "./search.js";
import type { WriteFailure } from "./write/writer.js";

/** Everything a call on the ledger can be refused for. */
export type LedgerFailure = RequestFault | WriteFailure | SearchFailure | ImportFailure | Closing;

const invalid = { code: Code.InvalidArgument, errorCode: "VALIDATION" } as const;
const missing = { code: Code.NotFound, errorCode: "NOT_FOUND" } as const;
const unfunded = { code: Code.FailedPrecondition, errorCode: "INSUFFICIENT_FUND" } as const;
const busy = { errorCode: "INTERNAL", headers: () => ({ "Retry-After": "1" }) } as const;

/** A refusal that is told with its code, and beside an editor. */
const scripted = <F>(errorCode: ErrorCode, text: (failure: F) => string) => ({
  code: Code.InvalidArgument,
  errorCode,
  message: (failure: F) => `[${errorCode}] ${text(failure)}`,
  details: (failure: F) => playground(text(failure)),
});

export const ledgerErrors: ErrorTable<LedgerFailure> = {
  ...idempotencyErrors,
  "malformed-field": {
    ...invalid,
    message: ({ field, problem }) => `${field} ${problem}`,
    facts: ({ field }) => ({ field }),
  },
  "invalid-ledger-name": {
    ...invalid,
    message: () =>
      "invalid ledger name: 1 to 63 letters, digits, '-' and '_', and no '_' at the beginning",
  },
  "invalid-address": { ...invalid, message: () => "invalid account address format" },
  "invalid-metadata": { ...invalid, message: () => "invalid metadata format" },
  "invalid-reference": { ...invalid, message: () => "invalid reference: longer than 1024 bytes" },
  "invalid-time": {
    ...invalid,
    message: ({ field }) => `invalid '${field}': not a time from year 1 to 9999`,
  },
  "postings-or-script": {
    ...invalid,
    message: () => "invalid payload: should contain either postings or script",
  },
  "invalid-runtime": {
    ...invalid,
    message: () => "invalid runtime: should be one of 'machine, experimental-interpreter'",
  },
  "no-transactions": { ...invalid, message: () => "no transaction to insert" },
  "no-postings": {
    ...invalid,
    message: ({ transaction }) => `invalid transaction ${transaction}: no postings`,
  },
  "script-in-batch": {
    ...invalid,
    message: ({ transaction }) => `invalid transaction ${transaction}: a batch takes no scripts`,
  },
  "invalid-posting": {
    ...invalid,
    message: ({ posting, fault }) => `invalid posting ${posting}: ${fault}`,
  },
  "invalid-batch-posting": {
    ...invalid,
    message: ({ transaction, posting, fault }) =>
      `invalid transaction ${transaction}: posting ${posting}: ${fault}`,
  },
  "invalid-contract": {
    ...invalid,
    message: ({ contract, place, problem }) => `invalid contract ${contract}: ${place} ${problem}`,
  },
  "mapping-too-large": {
    ...invalid,
    message: ({ limit }) => `the mapping is too large: at most ${limit}`,
  },
  "invalid-balance": {
    ...invalid,
    message: () => "invalid parameter 'balance', should be a number",
  },
  "invalid-balance-operator": {
    ...invalid,
    message: () =>
      "invalid parameter 'balanceOperator', should be one of 'e, ne, gt, gte, lt, lte'",
  },
  "invalid-expectation": {
    ...invalid,
    message: () => "expectedHash and expectedLogId go together",
  },
  "invalid-cursor": {
    ...invalid,
    message: ({ parameter }) => `invalid '${parameter}' query param`,
  },
  "cursor-companion": {
    ...invalid,
    message: ({ parameter }) => `no other query params can be set with '${parameter}'`,
  },
  "invalid-pattern": {
    ...invalid,
    message: ({ parameter }) => `invalid regular expression in '${parameter}'`,
  },
  "regex-refused": {
    ...invalid,
    message: ({ parameters }) => `invalid regular expression in ${parameters}`,
  },
  "query-too-slow": {
    ...invalid,
    message: ({ parameters, timeoutMs }) =>
      `the query takes longer than ${timeoutMs} ms: narrow ${parameters}`,
  },
  "searches-full": {
    ...busy,
    code: Code.ResourceExhausted,
    httpStatus: 503,
    message: () => "too many searches are under way: try again later",
  },
  "insufficient-funds": { ...unfunded, message: ({ asset }) => `balance.insufficient.${asset}` },
  "revert-insufficient-funds": {
    ...unfunded,
    message: ({ txid, asset }) =>
      `executing revert script for transaction ${txid}: balance.insufficient.${asset}`,
  },
  "reference-taken": {
    code: Code.AlreadyExists,
    errorCode: "CONFLICT",
    message: () => "conflict error on reference",
  },
  "past-timestamp": {
    ...invalid,
    message: ({ given, last }) =>
      `cannot pass a timestamp prior to the last transaction: ${formatInstant(given)} (passed) is ${formatGoDuration((last - given) * 1000n)} before ${formatInstant(last)} (last)`,
  },
  "no-script": scripted("NO_SCRIPT", () => "no script to execute"),
  "script-invalid": {
    ...scripted("COMPILATION_FAILED", ({ problems }) => listProblems(problems)),
    facts: ({ problems }) => problemFacts(problems),
  },
  "script-refused": {
    ...scripted("COMPILATION_FAILED", ({ refusal }) => cut(describeRefusal(refusal))),
    facts: ({ refusal }) => refusalFacts(refusal),
  },
  "script-insufficient-funds": {
    ...scripted("INSUFFICIENT_FUND", ({ refusal }) => describeRefusal(refusal)),
    code: Code.FailedPrecondition,
    facts: ({ refusal }) => refusalFacts(refusal),
  },
  "script-failed": {
    ...invalid,
    message: ({ refusal }) => describeRefusal(refusal),
    facts: ({ refusal }) => refusalFacts(refusal),
  },
  "script-without-postings": { ...invalid, message: () => "transaction has no postings" },
  "script-excessive": { ...invalid, message: ({ what }) => `the script makes too much: ${what}` },
  "metadata-override": {
    ...scripted("METADATA_OVERRIDE", () => "cannot override metadata from script"),
    facts: ({ key }) => ({ key }),
  },
  "contract-undecidable": {
    ...invalid,
    message: ({ contract, name, account, problem }) =>
      `contract ${contract} '${name}' cannot judge ${account}: ${problem}`,
  },
  "too-many-reads": {
    ...invalid,
    message: () => "too much metadata is read that tells what to read next",
  },
  "transaction-not-found": { ...missing, message: () => "transaction not found" },
  "revert-not-found": { ...missing, message: ({ txid }) => `transaction ${txid} not found` },
  "already-reverted": {
    ...invalid,
    message: ({ txid }) => `transaction ${txid} already reverted`,
  },
  "ledger-not-empty": {
    code: Code.FailedPrecondition,
    errorCode: "CONFLICT",
    message: ({ ledger }) => `an import needs an empty ledger, and ${ledger} has been written to`,
  },
  "invalid-log": { ...invalid, message: ({ log, problem }) => `log ${log}: ${problem}` },
  "import-stalled": {
    code: Code.DeadlineExceeded,
    errorCode: "INTERNAL",
    message: ({ timeoutMs }) => `no log came for ${timeoutMs} ms; nothing was imported`,
  },
  "long-jobs-full": {
    ...busy,
    code: Code.ResourceExhausted,
    httpStatus: 503,
    message: () => "too many imports and verifications are under way: try again later",
  },
  "queue-full": {
    ...busy,
    code: Code.ResourceExhausted,
    httpStatus: 503,
    message: () => "too many writes wait for this ledger: try again later",
  },
  "ledger-held": {
    ...busy,
    code: Code.ResourceExhausted,
    httpStatus: 503,
    message: () =>
      "the ledger is being imported, or written to by another process: try again later",
  },
  closing: { ...busy, code: Code.Unavailable, message: () => "the server is stopping" },
  unavailable: {
    ...busy,
    code: Code.Unavailable,
    message: () => "the database cannot be reached; nothing was written",
  },
  "outcome-unknown": {
    ...busy,
    code: Code.Unavailable,
    message: () =>
      "the database was lost during the commit, which may have happened: repeat with the same idempotency key",
  },
};
