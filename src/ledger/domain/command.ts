import { hash } from "node:crypto";
import { formatInstant, type Micros } from "../../lib/time.js";
import { canonicalJson, jsonString } from "./json.js";
import { postingsJson, type Target, targetJson } from "./log.js";
import type { Metadata } from "./metadata.js";
import type { Posting } from "./posting.js";

/** A transaction to be made. */
export interface NewTransaction {
  /** At least one. */
  readonly postings: readonly Posting[];
  /** Unique in its ledger. */
  readonly reference: string | null;
  readonly metadata: Metadata;
  /** Null: now, or the ledger's last timestamp if that is later. */
  readonly timestamp: Micros | null;
}

/** Commits several transactions, all or none; each sees the effects of those before it. */
export interface CreateTransactions {
  readonly kind: "create-transactions";
  /** At least one. */
  readonly transactions: readonly NewTransaction[];
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

export type Command = CreateTransactions | SetMetadata | RevertTransaction;

/** A command and the circumstances under which it is run. */
export interface Request {
  readonly command: Command;
  /** Tells what would happen, and changes nothing. */
  readonly isPreview: boolean;
  /** Makes repeating the request safe; null for none. */
  readonly idempotency: Idempotency | null;
  /** Who asks, if known. */
  readonly actor: string | null;
}

/** A caller's name for a request, and what the request was: the same name must always mean the same. */
export interface Idempotency {
  readonly key: string;
  /** SHA-256 in hex, the same on every wire and for every caller. */
  readonly requestHash: string;
}

export const hashRequest = (command: Command, isPreview: boolean): string =>
  hash("sha256", `${isPreview}${commandJson(command)}`);

function commandJson(command: Command): string {
  switch (command.kind) {
    case "create-transactions":
      return `{"create":[${command.transactions.map(newTransactionJson).join()}]}`;
    case "set-metadata":
      return `{"set":{${targetJson(command.target)},"metadata":${canonicalJson(command.metadata)}}}`;
    case "revert-transaction":
      return `{"revert":${command.txid}}`;
  }
}

const newTransactionJson = ({ postings, reference, metadata, timestamp }: NewTransaction) =>
  `{"postings":${postingsJson(postings)},"reference":${jsonString(reference ?? "")},"metadata":${canonicalJson(metadata)},"timestamp":${timestamp === null ? null : `"${formatInstant(timestamp)}"`}}`;
