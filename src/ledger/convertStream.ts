import type { MessageInitShape } from "@bufbuild/protobuf";
import type * as pb from "../../gen/florin/ledger/v1/ledger_pb.js";
import {
  StreamTransactionsRequestSchema,
  type StreamTransactionsResponseSchema,
} from "../../gen/florin/ledger/v1/ledger_pb.js";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { iterating } from "../lib/iterating.js";
import { fail, type Result } from "../lib/result.js";
import { findMalformed } from "../server/findMalformed.js";
import { toApiError } from "../server/unwrap.js";
import { fromTransaction } from "./convert.js";
import { toCreate } from "./convertCommand.js";
import { type Caller, toWrite } from "./convertWrite.js";
import type { Receipt } from "./domain/execute.js";
import { type LedgerFailure, ledgerErrors } from "./errors.js";
import type { RequestFault } from "./fault.js";
import type { Write } from "./streamTransactions.js";

/** The writes that `requests` ask for; one that names no ledger means the last that was named. */
export function toWrites(
  requests: AsyncIterable<pb.StreamTransactionsRequest>,
  caller: Caller,
): AsyncIterable<Result<Write, RequestFault>> {
  let ledger = "";
  return iterating(requests, {
    each(request) {
      ledger = request.ledger || ledger;
      const malformed = findMalformed(StreamTransactionsRequestSchema, request);
      if (malformed !== null) {
        const { path: field, problem } = malformed;
        return fail({ kind: "malformed-field", field, problem });
      }
      const command = toCreate(request.transaction);
      if (!command.ok) return command;
      const { idempotencyKey, preview } = request;
      return toWrite({ ledger, idempotencyKey, preview }, command.value, caller);
    },
  });
}

/** A whole message where a transaction was made, as `fromTransaction` makes one. */
export function fromWritten(
  written: Result<Receipt, LedgerFailure>,
): MessageInitShape<typeof StreamTransactionsResponseSchema> {
  if (!written.ok) return { result: { case: "refusal", value: fromFailure(written.failure) } };
  const { entries, isReplay } = written.value;
  for (const entry of entries) {
    if (entry.type !== "NEW_TRANSACTION") continue;
    return {
      $typeName: "florin.ledger.v1.StreamTransactionsResponse",
      result: { case: "transaction", value: fromTransaction(entry.transaction) },
      idempotencyHit: isReplay,
    };
  }
  throw new Error("a transaction was written, but it is not there");
}

/** What a call would have been refused with. */
function fromFailure(failure: LedgerFailure) {
  const error = toApiError(failure, ledgerErrors);
  const [info] = error.findDetails(ErrorInfoSchema);
  const { errorCode: _, ...metadata } = info?.metadata ?? {};
  return {
    code: error.code,
    errorCode: error.errorCode,
    reason: info?.reason ?? "",
    message: error.rawMessage,
    metadata,
  };
}
