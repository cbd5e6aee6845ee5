import type { Request, Script } from "../../src/ledger/domain/command.js";
import type { Entry } from "../../src/ledger/domain/log.js";
import type { Metadata } from "../../src/ledger/domain/metadata.js";
import type { Transaction } from "../../src/ledger/domain/transaction.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { compile } from "../../src/numscript/compile.js";
import { request } from "./support.js";

interface Extras {
  readonly variables?: Readonly<Record<string, string>>;
  readonly runtime?: Script["runtime"];
  readonly reference?: string;
  readonly metadata?: Metadata;
  readonly timestamp?: bigint;
  readonly key?: string;
  readonly isPreview?: boolean;
}

/** A request to run a script. */
export function script(text: string, extras: Extras = {}): Request {
  const {
    variables = {},
    runtime = null,
    reference = null,
    metadata = {},
    timestamp = null,
  } = extras;
  const read = {
    text,
    program: compile(text),
    variables: new Map(Object.entries(variables)),
    runtime,
  };
  return request({ kind: "run-script", script: read, reference, metadata, timestamp }, extras);
}

/** "a > b 100 USD/2": a script that sends it. */
export function send(posting: string): string {
  const [source, , destination, amount, asset] = posting.split(" ");
  return `send [${asset} ${amount}] (source = @${source} destination = @${destination})`;
}

/** What a request wrote or showed: one text per posting, and the metadata of accounts. */
export interface Written {
  readonly postings: readonly string[];
  readonly transaction: Transaction;
  readonly accounts: readonly (readonly [string, Metadata])[];
}

/** What `request` writes to the ledger "main"; fails if it is refused. */
export async function written(ledger: Ledger, request: Request): Promise<Written> {
  const result = await ledger.write("main", request);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.failure, textOf)}`);
  return toWritten(result.value.entries);
}

function toWritten([first, ...others]: readonly Entry[]): Written {
  if (first?.type !== "NEW_TRANSACTION") throw new Error("no transaction");
  const accounts = others.flatMap((entry) =>
    "target" in entry && "account" in entry.target
      ? [[entry.target.account, entry.metadata] as const]
      : [],
  );
  const { transaction } = first;
  const postings = transaction.postings.map(
    ({ source, destination, amount, asset }) => `${source} > ${destination} ${amount} ${asset}`,
  );
  return { postings, transaction, accounts };
}

const textOf = (_key: string, value: unknown) =>
  typeof value === "bigint" ? String(value) : value;

/** Why `request` is refused; null if it is not. */
export async function refusalOf(ledger: Ledger, request: Request) {
  const result = await ledger.write("main", request);
  return result.ok ? null : result.failure;
}
