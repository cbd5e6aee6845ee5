import { hash } from "node:crypto";
import type { Idempotency } from "../../lib/idempotency.js";
import type { Result } from "../../lib/result.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Span } from "../../lib/tracing.js";
import type { Program } from "../../numscript/ast.js";
import type { ScriptProblem } from "../../numscript/problem.js";
import { canonicalJson, jsonString } from "./json.js";
import { postingsJson, type Target, targetJson } from "./log.js";
import { type Mapping, mappingJson } from "./mapping.js";
import type { Metadata } from "./metadata.js";
import type { Posting } from "./posting.js";

/** What a caller says of a transaction besides its postings. */
export interface Attributes {
  /** Unique in its ledger. */
  readonly reference: string | null;
  readonly metadata: Metadata;
  /** Null: now, or the ledger's last timestamp if that is later. */
  readonly timestamp: Micros | null;
}

/** A transaction to be made. */
export interface NewTransaction extends Attributes {
  /** At least one. */
  readonly postings: readonly Posting[];
}

/** Commits several transactions, all or none; each sees the effects of those before it. */
export interface CreateTransactions {
  readonly kind: "create-transactions";
  /** At least one. */
  readonly transactions: readonly NewTransaction[];
}

/** A Numscript program as it was sent, and as it was read. */
export interface Script {
  readonly text: string;
  readonly program: Result<Program, readonly ScriptProblem[]>;
  /** Texts of the variables, by name without "$". */
  readonly variables: ReadonlyMap<string, string>;
  /** Whose way to go with kept money; null: as the script says. */
  readonly runtime: "machine" | "interpreter" | null;
}

/** Commits the transaction that a script decides, and the metadata it gives to accounts. */
export interface RunScript extends Attributes {
  readonly kind: "run-script";
  readonly script: Script;
}

/** Merges metadata into its target, key by key at the top level. */
export interface SetMetadata {
  readonly kind: "set-metadata";
  readonly target: Target;
  readonly metadata: Metadata;
}

/** Commits the transaction that undoes another one. */
export interface RevertTransaction {
  readonly kind: "revert-transaction";
  readonly txid: bigint;
}

/** Replaces the rules for balances. */
export interface UpdateMapping {
  readonly kind: "update-mapping";
  readonly mapping: Mapping;
}

export type Command =
  | CreateTransactions
  | RunScript
  | SetMetadata
  | RevertTransaction
  | UpdateMapping;

/** A command and the circumstances under which it is run. */
export interface Request {
  readonly command: Command;
  /** Tells what would happen, and changes nothing. */
  readonly isPreview: boolean;
  /** Makes repeating the request safe; null for none. */
  readonly idempotency: Idempotency | null;
  /** Who asks, if known. */
  readonly actor: string | null;
  /** Of the call that asks. */
  readonly span?: Span | null;
}

export const hashRequest = (command: Command, isPreview: boolean): string =>
  hash("sha256", `${isPreview}${commandJson(command)}`);

function commandJson(command: Command): string {
  switch (command.kind) {
    case "create-transactions":
      return `{"create":[${command.transactions.map(newTransactionJson).join()}]}`;
    case "run-script":
      return `{"run":${scriptJson(command.script)},${attributesJson(command)}}`;
    case "set-metadata":
      return `{"set":{${targetJson(command.target)},"metadata":${canonicalJson(command.metadata)}}}`;
    case "revert-transaction":
      return `{"revert":${command.txid}}`;
    case "update-mapping":
      return `{"mapping":${mappingJson(command.mapping)}}`;
  }
}

const newTransactionJson = (transaction: NewTransaction) =>
  `{"postings":${postingsJson(transaction.postings)},${attributesJson(transaction)}}`;

const attributesJson = ({ reference, metadata, timestamp }: Attributes) =>
  `"reference":${jsonString(reference ?? "")},"metadata":${canonicalJson(metadata)},"timestamp":${timestamp === null ? null : `"${formatInstant(timestamp)}"`}`;

/** Not the program: it follows from the text. */
const scriptJson = ({ text, variables, runtime }: Script) =>
  canonicalJson({ text, variables: Object.fromEntries(variables), runtime });
