import type { Connection } from "../../db/database.js";
import { formatInstant } from "../../lib/time.js";
import type { Effects } from "../domain/effects.js";
import { canonicalJson } from "../domain/json.js";
import type { Log } from "../domain/log.js";
import type { Answer, Head } from "../domain/state.js";
import { toRow } from "./logRow.js";
import { sqlArray } from "./sqlArray.js";

/** What a batch of writes leaves behind. */
export interface Batch {
  /** Id of the ledger. */
  readonly ledger: number;
  /** Where the ledger stands afterwards. */
  readonly head: Head;
  /** At least one. */
  readonly logs: readonly Log[];
  readonly effects: Effects;
  /** New ones, each with its idempotency key. */
  readonly answers: readonly (readonly [string, Answer])[];
  /** Of every account that the effects name. */
  readonly accountIds: ReadonlyMap<string, bigint>;
  /** Accounts from this id on are new. */
  readonly firstNewAccount: bigint;
  /** Id of the next account that will be new. */
  readonly nextAccount: bigint;
}

const SAVE = `
  with save_head as (
    update ledgers set next_txid = $2, next_log = $3, next_account = $4, last_hash = $5, last_timestamp = $6
    where id = $1
  ), save_accounts as (
    insert into accounts (ledger, id, address, metadata)
    select $1, * from unnest($7::bigint[], $8::text[], $9::jsonb[])
    on conflict (ledger, address) do update set metadata = accounts.metadata || excluded.metadata
  ), save_volumes as (
    insert into volumes (ledger, account, asset, input, output)
    select $1, * from unnest($10::bigint[], $11::text[], $12::numeric[], $13::numeric[])
    on conflict (ledger, account, asset) do update set input = excluded.input, output = excluded.output
  ), save_moves as (
    insert into moves (ledger, account, txid, is_source, is_destination)
    select $1, * from unnest($14::bigint[], $15::bigint[], $16::boolean[], $17::boolean[])
  ), save_metadata as (
    insert into transaction_metadata (ledger, txid, metadata)
    select $1, * from unnest($18::bigint[], $19::jsonb[])
    on conflict (ledger, txid) do update set metadata = transaction_metadata.metadata || excluded.metadata
  ), save_answers as (
    insert into idempotency_keys (ledger, key, request_hash, first_log, last_log)
    select $1, key, decode(request_hash, 'hex'), first_log, last_log
    from unnest($20::text[], $21::text[], $22::bigint[], $23::bigint[]) as answer (key, request_hash, first_log, last_log)
  )
  insert into logs (ledger, id, date, hash, actor, txid, reference, target_account, target_txid, metadata, postings, volumes)
  select $1, id, date, decode(hash, 'hex'), actor, txid, reference, target_account, target_txid, metadata,
    nullif(postings, 'null'), nullif(volumes, 'null')
  from rows from (
    unnest($24::bigint[], $25::timestamptz[], $26::text[], $27::text[], $28::bigint[], $29::text[], $30::text[], $31::bigint[]),
    jsonb_array_elements($32), jsonb_array_elements($33), jsonb_array_elements($34)
  ) as log (id, date, hash, actor, txid, reference, target_account, target_txid, metadata, postings, volumes)`;

/** Writes a batch, all of it in one statement. The caller holds the lock of the head. */
export const saveBatch = (connection: Connection, batch: Batch): Promise<unknown> =>
  connection.query({
    name: "save_batch",
    text: SAVE,
    values: [
      batch.ledger,
      ...headColumns(batch),
      ...accountColumns(batch),
      ...volumeColumns(batch),
      ...moveColumns(batch),
      ...metadataColumns(batch),
      ...answerColumns(batch),
      ...logColumns(batch),
    ],
  });

const headColumns = ({ head, nextAccount, logs }: Batch) => [
  head.nextTxid,
  head.nextLogId,
  nextAccount,
  Buffer.from(logs.at(-1)?.hash ?? "", "hex"),
  head.lastTimestamp === null ? null : formatInstant(head.lastTimestamp),
];

/** New accounts, and known ones whose metadata changes. */
function accountColumns({ effects, accountIds, firstNewAccount }: Batch) {
  const rows = [...effects.accounts]
    .map(([address, metadata]) => ({ id: idOf(accountIds, address), address, metadata }))
    .filter(({ id, metadata }) => id >= firstNewAccount || Object.keys(metadata).length > 0);
  return [
    sqlArray(rows.map(({ id }) => id)),
    sqlArray(rows.map(({ address }) => address)),
    sqlArray(rows.map(({ metadata }) => canonicalJson(metadata))),
  ];
}

function volumeColumns({ effects, accountIds }: Batch) {
  const rows = [...effects.volumes.values()];
  return [
    sqlArray(rows.map(({ account }) => idOf(accountIds, account))),
    sqlArray(rows.map(({ asset }) => asset)),
    sqlArray(rows.map(({ after }) => after.input)),
    sqlArray(rows.map(({ after }) => after.output)),
  ];
}

const moveColumns = ({ effects: { moves }, accountIds }: Batch) => [
  sqlArray(moves.map(({ account }) => idOf(accountIds, account))),
  sqlArray(moves.map(({ txid }) => txid)),
  sqlArray(moves.map(({ isSource }) => isSource)),
  sqlArray(moves.map(({ isDestination }) => isDestination)),
];

function metadataColumns({ effects }: Batch) {
  const rows = [...effects.transactions];
  return [
    sqlArray(rows.map(([txid]) => txid)),
    sqlArray(rows.map(([, metadata]) => canonicalJson(metadata))),
  ];
}

const answerColumns = ({ answers }: Batch) => [
  sqlArray(answers.map(([key]) => key)),
  sqlArray(answers.map(([, { requestHash }]) => requestHash)),
  sqlArray(answers.map(([, { firstLogId }]) => firstLogId)),
  sqlArray(answers.map(([, { firstLogId, entries }]) => firstLogId + BigInt(entries.length) - 1n)),
];

function logColumns({ logs }: Batch) {
  const rows = logs.map(toRow);
  return [
    sqlArray(rows.map(({ id }) => id)),
    sqlArray(rows.map(({ date }) => date)),
    sqlArray(rows.map(({ hash }) => hash)),
    sqlArray(rows.map(({ actor }) => actor)),
    sqlArray(rows.map(({ txid }) => txid)),
    sqlArray(rows.map(({ reference }) => reference)),
    sqlArray(rows.map(({ targetAccount }) => targetAccount)),
    sqlArray(rows.map(({ targetTxid }) => targetTxid)),
    `[${rows.map(({ metadata }) => metadata).join()}]`,
    `[${rows.map(({ postings }) => postings).join()}]`,
    `[${rows.map(({ volumes }) => volumes).join()}]`,
  ];
}

function idOf(accountIds: ReadonlyMap<string, bigint>, address: string): bigint {
  const id = accountIds.get(address);
  if (id === undefined) throw new RangeError(`account without an id: ${address}`);
  return id;
}
