import type { NewTransaction, Request } from "../domain/command.js";
import type { Posting } from "../domain/posting.js";

/** Objects, references and numbers that go with each request, transaction and posting. */
const OVERHEAD = 200;

/** About how many bytes of memory `request` holds. */
export function sizeOf({ command }: Request): number {
  switch (command.kind) {
    case "create-transactions":
      return command.transactions.reduce((sum, each) => sum + sizeOfTransaction(each), OVERHEAD);
    case "set-metadata":
      return OVERHEAD + sizeOfMetadata(command.metadata);
    case "revert-transaction":
      return OVERHEAD;
  }
}

const sizeOfTransaction = ({ postings, reference, metadata }: NewTransaction): number =>
  postings.reduce((sum, posting) => sum + sizeOfPosting(posting), OVERHEAD) +
  (reference?.length ?? 0) +
  sizeOfMetadata(metadata);

const sizeOfPosting = ({ source, destination, asset, amount }: Posting): number =>
  OVERHEAD + source.length + destination.length + asset.length + amount.toString(16).length / 2;

const sizeOfMetadata = (metadata: object): number => JSON.stringify(metadata).length;
