import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type * as pb from "../../gen/florin/ledger/v1/ledger_pb.js";
import {
  type Log,
  LogType,
  type NewTransactionLog,
  type SetMetadataLog,
  TargetType,
} from "../../gen/florin/ledger/v1/log_pb.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { Micros } from "../lib/time.js";
import { toInstant, toMetadata, toReference } from "./convertCommand.js";
import type { ForeignEntry, ForeignLog } from "./domain/importLog.js";
import type { Target } from "./domain/log.js";
import { isAddress } from "./domain/names.js";
import { type Posting, parsePosting } from "./domain/posting.js";
import type { InvalidLog } from "./importLogs.js";

/** What is to be imported, and the ledger that it is for. */
interface Import {
  readonly ledger: string;
  readonly logs: AsyncIterable<Result<ForeignLog, InvalidLog>>;
}

/** Reads the first of `requests`, which names the ledger. Logs that name no actor are the caller's, `actor`. */
export async function toImport(
  requests: AsyncIterable<pb.ImportLogsRequest>,
  actor: string | null,
): Promise<Import> {
  const iterator = requests[Symbol.asyncIterator]();
  const first = await iterator.next();
  const ledger = first.done ? "" : first.value.ledger;
  const rest = { [Symbol.asyncIterator]: () => iterator };
  async function* logs(): AsyncGenerator<Result<ForeignLog, InvalidLog>> {
    let next = 0n;
    if (!first.done) yield toForeignLog(first.value, ledger, next++, actor);
    for await (const request of rest) yield toForeignLog(request, ledger, next++, actor);
  }
  return { ledger, logs: logs() };
}

/** The log of `request`, which is to be `next`; or what is wrong with its form. */
function toForeignLog(
  { ledger: named, log }: pb.ImportLogsRequest,
  ledger: string,
  next: bigint,
  caller: string | null,
): Result<ForeignLog, InvalidLog> {
  const { id = next, hash = "", actor = "" } = log ?? {};
  const invalid = (problem: string) => fail({ kind: "invalid-log", log: id, problem } as const);
  if (named !== "" && named !== ledger) return invalid("it is for another ledger");
  if (log === undefined) return invalid("it is not there");
  const entry = toEntry(log);
  if (!entry.ok) return invalid(entry.failure);
  return ok({ id, entry: entry.value, hash, actor: actor || caller });
}

type Parsed<T> = Result<T, string>;

function toEntry({ type, data, date: sent }: Log): Parsed<ForeignEntry> {
  const date = toTime(sent);
  if (date === null) return fail("it has no good date");
  if (data?.data.case === "newTransaction" && type === LogType.NEW_TRANSACTION) {
    return toTransactionEntry(data.data.value, date);
  }
  if (data?.data.case === "setMetadata" && type === LogType.SET_METADATA) {
    return toMetadataEntry(data.data.value, date);
  }
  return fail("its data are not of its type");
}

function toTransactionEntry(sent: NewTransactionLog, date: Micros): Parsed<ForeignEntry> {
  const timestamp = toTime(sent.timestamp);
  if (timestamp !== date) return fail("its date is not the timestamp of its transaction");
  const postings: Posting[] = [];
  for (const [index, each] of sent.postings.entries()) {
    const posting = parsePosting(each);
    if (!posting.ok) return fail(`posting ${index}: ${posting.failure}`);
    postings.push(posting.value);
  }
  if (postings.length === 0) return fail("it has no postings");
  const metadata = toMetadata(sent.metadata);
  if (!metadata.ok) return fail("invalid metadata");
  const reference = toReference(sent.reference);
  if (!reference.ok) return fail("invalid reference");
  const transaction = {
    txid: sent.txid,
    postings,
    reference: reference.value,
    metadata: metadata.value,
    timestamp,
  };
  return ok({ type: "NEW_TRANSACTION", date, transaction });
}

function toMetadataEntry(sent: SetMetadataLog, date: Micros): Parsed<ForeignEntry> {
  const target = toTarget(sent);
  if (target === null) return fail("invalid target");
  const metadata = toMetadata(sent.metadata);
  if (!metadata.ok) return fail("invalid metadata");
  return ok({ type: "SET_METADATA", date, target, metadata: metadata.value });
}

function toTarget({ targetType, targetId }: SetMetadataLog): Target | null {
  const id = targetId?.id;
  if (targetType === TargetType.ACCOUNT && id?.case === "address") {
    return isAddress(id.value) ? { account: id.value } : null;
  }
  return targetType === TargetType.TRANSACTION && id?.case === "txid" ? { txid: id.value } : null;
}

function toTime(sent: Timestamp | undefined): Micros | null {
  const instant = toInstant(sent, "date");
  return instant.ok ? instant.value : null;
}
