import type { Attributes, NewTransaction, Request, Script } from "../domain/command.js";
import type { Mapping } from "../domain/mapping.js";
import type { Posting } from "../domain/posting.js";

/** Objects, references and numbers that go with each request, transaction and posting. */
const OVERHEAD = 200;

/** About how many bytes of memory `request` holds. */
export function sizeOf({ command }: Request): number {
  switch (command.kind) {
    case "create-transactions":
      return command.transactions.reduce((sum, each) => sum + sizeOfTransaction(each), OVERHEAD);
    case "run-script":
      return sizeOfAttributes(command) + sizeOfScript(command.script);
    case "set-metadata":
      return OVERHEAD + sizeOfMetadata(command.metadata);
    case "revert-transaction":
      return OVERHEAD;
    case "update-mapping":
      return sizeOfMapping(command.mapping);
  }
}

const sizeOfTransaction = (transaction: NewTransaction): number =>
  transaction.postings.reduce(
    (sum, posting) => sum + sizeOfPosting(posting),
    sizeOfAttributes(transaction),
  );

const sizeOfAttributes = ({ reference, metadata }: Attributes): number =>
  OVERHEAD + (reference?.length ?? 0) + sizeOfMetadata(metadata);

/** What one character of a script becomes when it is read, about: nodes and their places. The longest script still fits. */
const PROGRAM = 60;

const sizeOfScript = ({ text, program, variables }: Script): number =>
  [...variables].reduce(
    (sum, [name, value]) => sum + OVERHEAD + name.length + value.length,
    text.length * (program.ok ? PROGRAM : 1),
  );

/** Each text is held as it is, and once more in what was made of it. */
const sizeOfMapping = ({ contracts }: Mapping): number =>
  contracts.reduce(
    (sum, { name, account, expr }) =>
      sum + OVERHEAD + name.length + 2 * account.length + PROGRAM * expr.length,
    OVERHEAD,
  );

const sizeOfPosting = ({ source, destination, asset, amount }: Posting): number =>
  OVERHEAD + source.length + destination.length + asset.length + amount.toString(16).length / 2;

const sizeOfMetadata = (metadata: object): number => JSON.stringify(metadata).length;
