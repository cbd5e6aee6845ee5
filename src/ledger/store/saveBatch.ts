import type { Connection } from "../../db/database.js";
import { formatInstant } from "../../lib/time.js";
import type { Effects } from "../domain/effects.js";
import { canonicalJson } from "../domain/json.js";
import type { Log } from "../domain/log.js";
import type { Answer, Head } from "../domain/state.js";
import { toRow } from "./logRow.js";
import { sqlArray } from "./sqlArray.js";

/** What a batch of writes leaves behind, besides mappings and events. */
export interface Batch {
  /** Id of the ledger. */
  readonly ledger: number;
  /** Where the ledger stands afterwards. */
  readonly head: Head;
  readonly logs: readonly Log[];
  readonly effects: Effects;
  /** New ones, each with its idempotency key. */
  readonly answers: readonly (readonly [string, Answer])[];
  /** By address: of every account that the effects name. */
  readonly accounts: ReadonlyMap<string, bigint | null>;
  /** Accounts from this id on are new. */
  readonly firstNewAccount: bigint;
  /** Id of the next account that will be new. */
  readonly nextAccount: bigint;
}

const SAVE = `
  with save_head as (
    update ledgers set next_txid = $2, next_log = $3, next_account = $4, last_hash = $5, last_timestamp = $6,
      next_event = $7
    where id = $1
  ), save_accounts as (
    insert into accounts (ledger, id, address, metadata)
    select $1, * from unnest($8::bigint[], $9::text[], $10::jsonb[])
    on conflict (ledger, address) do update set metadata = accounts.metadata || excluded.metadata
  ), save_volumes as (
    insert into volumes (ledger, account, asset, input, output)
    select $1, * from unnest($11::bigint[], $12::text[], $13::numeric[], $14::numeric[])
    on conflict (ledger, account, asset) do update set input = excluded.input, output = excluded.output
  ), save_moves as (
    insert into moves (ledger, account, txid, is_source, is_destination)
    select $1, * from unnest($15::bigint[], $16::bigint[], $17::boolean[], $18::boolean[])
  ), save_metadata as (
    insert into transaction_metadata (ledger, txid, metadata)
    select $1, * from unnest($19::bigint[], $20::jsonb[])
    on conflict (ledger, txid) do update set metadata = transaction_metadata.metadata || excluded.metadata
  ), save_answers as (
    insert into idempotency_keys (ledger, key, request_hash, first_log, last_log, mapping)
    select $1, key, decode(request_hash, 'hex'), first_log, last_log, mapping
    from unnest($21::text[], $22::text[], $23::bigint[], $24::bigint[], $25::bigint[])
      as answer (key, request_hash, first_log, last_log, mapping)
  )
  insert into logs (ledger, id, date, hash, actor, txid, reference, target_account, target_txid, metadata, postings, volumes)
  select $1, id, date, decode(hash, 'hex'), actor, txid, reference, target_account, target_txid, metadata,
    nullif(postings, 'null'), nullif(volumes, 'null')
  from rows from (
    unnest($26::bigint[], $27::timestamptz[], $28::text[], $29::text[], $30::bigint[], $31::text[], $32::text[], $33::bigint[]),
    jsonb_array_elements($34), jsonb_array_elements($35), jsonb_array_elements($36)
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

const headColumns = ({ head, nextAccount }: Batch) => [
  head.nextTxid,
  head.nextLogId,
  nextAccount,
  head.lastLog && Buffer.from(head.lastLog.hash, "hex"),
  head.lastTimestamp === null ? null : formatInstant(head.lastTimestamp),
  head.nextEvent,
];

/** New accounts, and known ones whose metadata changes. */
function accountColumns({ effects, accounts, firstNewAccount }: Batch) {
  const rows = [...effects.accounts]
    .map(([address, metadata]) => ({ id: idOf(accounts, address), address, metadata }))
    .filter(({ id, metadata }) => id >= firstNewAccount || Object.keys(metadata).length > 0);
  return [
    sqlArray(rows.map(({ id }) => id)),
    sqlArray(rows.map(({ address }) => address)),
    sqlArray(rows.map(({ metadata }) => canonicalJson(metadata))),
  ];
}

function volumeColumns({ effects, accounts }: Batch) {
  const rows = [...effects.volumes.values()];
  return [
    sqlArray(rows.map(({ account }) => idOf(accounts, account))),
    sqlArray(rows.map(({ asset }) => asset)),
    sqlArray(rows.map(({ after }) => after.input)),
    sqlArray(rows.map(({ after }) => after.output)),
  ];
}

const moveColumns = ({ effects: { moves }, accounts }: Batch) => [
  sqlArray(moves.map(({ account }) => idOf(accounts, account))),
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
  sqlArray(answers.map(([, answer]) => lastLogOf(answer))),
  sqlArray(answers.map(([, { mapping }]) => mapping)),
];

const lastLogOf = ({ firstLogId, entries }: Answer): bigint | null =>
  firstLogId === null ? null : firstLogId + BigInt(entries.length) - 1n;

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

function idOf(accounts: ReadonlyMap<string, bigint | null>, address: string): bigint {
  const id = accounts.get(address) ?? null;
  if (id === null) throw new RangeError(`account without an id: ${address}`);
  return id;
}
