import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { AccountWithVolumesSchema } from "../../gen/florin/ledger/v1/account_pb.js";
import type {
  AssetVolumes,
  Posting as PostingMessage,
  Transaction as TransactionMessage,
  Volume as VolumeMessage,
} from "../../gen/florin/ledger/v1/transaction_pb.js";
import { encodeCursor } from "../lib/cursor.js";
import type { Page } from "../lib/page.js";
import { type Micros, truncateToSecond } from "../lib/time.js";
import { canonicalJson } from "./domain/json.js";
import type { Metadata } from "./domain/metadata.js";
import type { Posting } from "./domain/posting.js";
import type { Transaction } from "./domain/transaction.js";
import { balance, type Volume, type VolumeChange } from "./domain/volumes.js";
import type { Account, AccountWithVolumes } from "./store/accounts.js";
import type { AccountBalances } from "./store/balances.js";

export function fromInstant(instant: Micros): Timestamp {
  const second = truncateToSecond(instant);
  return {
    $typeName: "google.protobuf.Timestamp",
    seconds: second / 1_000_000n,
    nanos: Number(instant - second) * 1000,
  };
}

/** In the order that the chain has it too: a replay is its first answer to the byte. */
export const fromMetadata = (metadata: Metadata): JsonObject => JSON.parse(canonicalJson(metadata));

// Whole messages rather than parts of them: nobody has to copy these to fill in the rest.

export const fromPosting = ({ source, destination, asset, amount }: Posting): PostingMessage => ({
  $typeName: "florin.ledger.v1.Posting",
  source,
  destination,
  asset,
  amount: String(amount),
});

export const fromTransaction = (transaction: Transaction): TransactionMessage => ({
  $typeName: "florin.ledger.v1.Transaction",
  txid: transaction.txid,
  postings: transaction.postings.map(fromPosting),
  reference: transaction.reference ?? "",
  metadata: fromMetadata(transaction.metadata),
  timestamp: fromInstant(transaction.timestamp),
  preCommitVolumes: byAccount(transaction.volumes, ({ before }) => before),
  postCommitVolumes: byAccount(transaction.volumes, ({ after }) => after),
});

/** The volumes of one moment, by account and asset. */
function byAccount(
  changes: readonly VolumeChange[],
  moment: (change: VolumeChange) => Volume,
): Record<string, AssetVolumes> {
  // Not a literal: V8 would make a hidden class for each account.
  const accounts: Record<string, AssetVolumes> = Object.create(null);
  for (const change of changes) {
    const { account, asset } = change;
    let assets = accounts[account];
    if (assets === undefined) {
      assets = { $typeName: "florin.ledger.v1.AssetVolumes", volumes: {} };
      accounts[account] = assets;
    }
    assets.volumes[asset] = fromVolume(moment(change));
  }
  return accounts;
}

const fromVolume = (volume: Volume): VolumeMessage => ({
  $typeName: "florin.ledger.v1.Volume",
  input: String(volume.input),
  output: String(volume.output),
  balance: balanceText(volume),
});

const balanceText = (volume: Volume) => String(balance(volume));

export const fromAccount = ({ address, metadata }: Account) => ({
  address,
  metadata: fromMetadata(metadata),
});

export const fromAccountWithVolumes = (
  account: AccountWithVolumes,
): MessageInitShape<typeof AccountWithVolumesSchema> => ({
  ...fromAccount(account),
  volumes: mapValues(account.volumes, fromVolume),
  balances: mapValues(account.volumes, balanceText),
});

export const fromBalances = (balances: ReadonlyMap<string, bigint>) => ({
  balances: mapValues(balances, String),
});

export const fromAccountBalances = ({ address, balances }: AccountBalances) => ({
  accounts: Object.fromEntries([[address, fromBalances(balances)]]),
});

/** `map` as an object, each value put through `convert`. */
const mapValues = <V, W>(map: ReadonlyMap<string, V>, convert: (value: V) => W) =>
  Object.fromEntries([...map].map(([key, value]) => [key, convert(value)]));

/** A page and the cursors of its neighbours: `query` from another position. */
export const fromPage = <Item, Message>(
  { pageSize, data, previous, next }: Page<Item>,
  query: object,
  convert: (item: Item) => Message,
) => ({
  pageSize,
  hasMore: next !== null,
  previous: previous ? encodeCursor({ ...query, position: previous }) : "",
  next: next ? encodeCursor({ ...query, position: next }) : "",
  data: data.map(convert),
});
