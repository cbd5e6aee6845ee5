import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import type { AccountWithVolumesSchema } from "../../gen/florin/ledger/v1/account_pb.js";
import type {
  AssetVolumesSchema,
  TransactionSchema,
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

export function fromInstant(instant: Micros) {
  const second = truncateToSecond(instant);
  return { seconds: second / 1_000_000n, nanos: Number(instant - second) * 1000 };
}

/** In the order that the chain has it too: a replay is its first answer to the byte. */
export const fromMetadata = (metadata: Metadata): JsonObject => JSON.parse(canonicalJson(metadata));

export const fromPosting = ({ source, destination, asset, amount }: Posting) => ({
  source,
  destination,
  asset,
  amount: String(amount),
});

export const fromTransaction = (
  transaction: Transaction,
): MessageInitShape<typeof TransactionSchema> => ({
  txid: transaction.txid,
  postings: transaction.postings.map(fromPosting),
  reference: transaction.reference ?? "",
  metadata: fromMetadata(transaction.metadata),
  timestamp: fromInstant(transaction.timestamp),
  preCommitVolumes: byAccount(transaction.volumes, ({ before }) => before),
  postCommitVolumes: byAccount(transaction.volumes, ({ after }) => after),
});

type VolumesByAccount = Record<string, MessageInitShape<typeof AssetVolumesSchema>>;

/** The volumes of one moment, by account and asset. Object.fromEntries, since `__proto__` is a good address. */
function byAccount(
  changes: readonly VolumeChange[],
  moment: (change: VolumeChange) => Volume,
): VolumesByAccount {
  const accounts = new Map<string, [string, ReturnType<typeof fromVolume>][]>();
  for (const change of changes) {
    const volumes = accounts.get(change.account) ?? [];
    volumes.push([change.asset, fromVolume(moment(change))]);
    accounts.set(change.account, volumes);
  }
  return Object.fromEntries(
    [...accounts].map(([account, volumes]) => [account, { volumes: Object.fromEntries(volumes) }]),
  );
}

const fromVolume = (volume: Volume) => ({
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
