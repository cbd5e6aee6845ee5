import { create, type JsonObject } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { ScriptTransactionSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type * as pb from "../../gen/florin/ledger/v1/transaction_pb.js";
import { isStorable } from "../lib/isStorable.js";
import { fail, ok, type Result } from "../lib/result.js";
import { type Micros, YEAR_1, YEAR_10000 } from "../lib/time.js";
import { type SentScript, toScript } from "./convertScript.js";
import type {
  Attributes,
  CreateTransactions,
  NewTransaction,
  RunScript,
} from "./domain/command.js";
import type { PostingFault } from "./domain/failure.js";
import type { Metadata } from "./domain/metadata.js";
import { isAddress, isLedgerName } from "./domain/names.js";
import { type Posting, parsePosting } from "./domain/posting.js";
import type { RequestFault } from "./fault.js";

type Parsed<T> = Result<T, RequestFault>;

export const toLedgerName = (ledger: string): Parsed<string> =>
  isLedgerName(ledger) ? ok(ledger) : fail({ kind: "invalid-ledger-name", ledger });

export const toAddress = (address: string): Parsed<string> =>
  isAddress(address) ? ok(address) : fail({ kind: "invalid-address", address });

/** Nothing is counted beyond this in PostgreSQL's bigint; so nothing has this number. */
const BEYOND = 2n ** 63n - 1n;

/** Numbers that no transaction or log will ever have become one such number. */
export const toNumber = (number: bigint): bigint => (number < BEYOND ? number : BEYOND);

export function toMetadata(metadata: JsonObject | undefined): Parsed<Metadata> {
  if (metadata === undefined) return ok({});
  return isStorable(metadata) ? ok(metadata) : fail({ kind: "invalid-metadata" });
}

/** Stands for no time at all in the REST contract. */
const NO_TIME = YEAR_1;

/** An instant, cut to microseconds; null if none was given. */
export function toInstant(time: Timestamp | undefined, field: string): Parsed<Micros | null> {
  if (time === undefined) return ok(null);
  const { seconds, nanos } = time;
  const instant = seconds * 1_000_000n + BigInt(Math.trunc(nanos / 1000));
  const isTime = instant >= YEAR_1 && instant < YEAR_10000 && nanos >= 0 && nanos < 1e9;
  if (!isTime) return fail({ kind: "invalid-time", field });
  return ok(instant === NO_TIME ? null : instant);
}

/** The command of a request for one transaction. */
export function toCreate(
  sent: pb.NewTransaction | undefined,
): Parsed<CreateTransactions | RunScript> {
  const script = sent?.script && hasText(sent.script) ? sent.script : null;
  const hasPostings = sent !== undefined && sent.postings.length > 0;
  if (sent === undefined || hasPostings === (script !== null)) {
    return fail({ kind: "postings-or-script" });
  }
  if (script !== null) return toScripted(script, sent);
  const transaction = toNewTransaction(sent, (posting, fault) => ({
    kind: "invalid-posting",
    posting,
    fault,
  }));
  if (!transaction.ok) return transaction;
  return ok({ kind: "create-transactions", transactions: [transaction.value] });
}

/** The command of a request to run a script: one without text too is the ledger's to refuse. */
export const toRunScript = (sent = create(ScriptTransactionSchema)): Parsed<RunScript> =>
  toScripted(sent, sent);

function toScripted(sentScript: SentScript, sent: SentAttributes): Parsed<RunScript> {
  const attributes = toAttributes(sent);
  if (!attributes.ok) return attributes;
  const script = toScript(sentScript);
  if (!script.ok) return script;
  return ok({ kind: "run-script", script: script.value, ...attributes.value });
}

/** The command of a request for several transactions. */
export function toCreateAll(sent: readonly pb.NewTransaction[]): Parsed<CreateTransactions> {
  if (sent.length === 0) return fail({ kind: "no-transactions" });
  const transactions: NewTransaction[] = [];
  for (const [transaction, each] of sent.entries()) {
    if (each.script && hasText(each.script)) return fail({ kind: "script-in-batch", transaction });
    if (each.postings.length === 0) return fail({ kind: "no-postings", transaction });
    const parsed = toNewTransaction(each, (posting, fault) => ({
      kind: "invalid-batch-posting",
      transaction,
      posting,
      fault,
    }));
    if (!parsed.ok) return parsed;
    transactions.push(parsed.value);
  }
  return ok({ kind: "create-transactions", transactions });
}

/** A script without text is none: some clients always send one. */
const hasText = ({ plain }: SentScript): boolean => plain !== "";

function toNewTransaction(
  sent: pb.NewTransaction,
  tell: (posting: number, fault: PostingFault) => RequestFault,
): Parsed<NewTransaction> {
  const postings: Posting[] = [];
  for (const [index, each] of sent.postings.entries()) {
    const posting = parsePosting(each);
    if (!posting.ok) return fail(tell(index, posting.failure));
    postings.push(posting.value);
  }
  const attributes = toAttributes(sent);
  if (!attributes.ok) return attributes;
  const { timestamp, reference, metadata } = attributes.value;
  return ok({ postings, timestamp, reference, metadata });
}

type SentAttributes = Pick<pb.NewTransaction, "timestamp" | "reference" | "metadata">;

function toAttributes(sent: SentAttributes): Parsed<Attributes> {
  const timestamp = toInstant(sent.timestamp, "timestamp");
  if (!timestamp.ok) return timestamp;
  const metadata = toMetadata(sent.metadata);
  if (!metadata.ok) return metadata;
  const reference = toReference(sent.reference);
  if (!reference.ok) return reference;
  return ok({
    reference: reference.value,
    metadata: metadata.value,
    timestamp: timestamp.value,
  });
}

/** The reference of a transaction; null for none. */
export function toReference(reference: string): Parsed<string | null> {
  if (reference === "") return ok(null);
  const isFine = Buffer.byteLength(reference) <= LONGEST_REFERENCE;
  return isFine ? ok(reference) : fail({ kind: "invalid-reference" });
}

/** In bytes; PostgreSQL's indexes end at 2,704. */
const LONGEST_REFERENCE = 1024;
