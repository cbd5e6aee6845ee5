import pg from "pg";
import type { JsonObject, Posting } from "../history.js";
import { canonical } from "./canonical.js";
import { moveText, type StoredLedger, type StoredLog, type Volume, volumeKey } from "./state.js";

/** Reads all ledgers with statements of its own, so that it shares no mistake with the server's. */
export async function readState(databaseUrl: string): Promise<StoredLedger[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    const { rows } = await client.query<LedgerRow>(
      `select id, name, next_txid, next_log, next_event, encode(last_hash, 'hex') as last_hash,
        (select count(*) from outbox where ledger = ledgers.id) as untold,
        array(select message_id from dead_letters where ledger = ledgers.id order by event) as dead
      from ledgers order by name`,
    );
    const ledgers: StoredLedger[] = [];
    for (const row of rows) ledgers.push(await readLedger(client, row));
    return ledgers;
  } finally {
    await client.end();
  }
}

interface LedgerRow {
  readonly id: number;
  readonly name: string;
  readonly next_txid: string;
  readonly next_log: string;
  readonly next_event: string;
  readonly last_hash: string | null;
  readonly untold: string;
  readonly dead: readonly string[];
}

async function readLedger(client: pg.Client, row: LedgerRow): Promise<StoredLedger> {
  const { rows: keys } = await client.query<{ key: string; first: string; last: string }>(
    `select key, first_log as first, last_log as last from idempotency_keys
    where ledger = $1 and first_log is not null order by first_log`,
    [row.id],
  );
  const { rows: mappings } = await client.query<{ event: string; contracts: string }>(
    "select event, contracts from mappings where ledger = $1 order by event",
    [row.id],
  );
  return {
    name: row.name,
    head: {
      nextTxid: BigInt(row.next_txid),
      nextLog: BigInt(row.next_log),
      nextEvent: BigInt(row.next_event),
      lastHash: row.last_hash,
    },
    logs: await readLogs(client, row.id),
    volumes: await readVolumes(client, row.id),
    metadata: await readMetadata(client, row.id),
    moves: await readMoves(client, row.id),
    keys: keys.map(({ key, first, last }) => ({ key, first: BigInt(first), last: BigInt(last) })),
    mappings: mappings.map(({ event, contracts }) => ({
      event: BigInt(event),
      contracts: canonical(JSON.parse(contracts)),
    })),
    untold: Number(row.untold),
    dead: row.dead,
  };
}

async function readVolumes(client: pg.Client, ledger: number): Promise<Map<string, Volume>> {
  const { rows } = await client.query<{
    address: string;
    asset: string;
    input: string;
    output: string;
  }>(
    `select address, asset, input::text, output::text from volumes
    left join accounts on accounts.ledger = volumes.ledger and accounts.id = volumes.account
    where volumes.ledger = $1`,
    [ledger],
  );
  return new Map(
    rows.map(({ address, asset, input, output }) => [
      volumeKey(address, asset),
      { input: BigInt(input), output: BigInt(output) },
    ]),
  );
}

async function readMetadata(client: pg.Client, ledger: number): Promise<Map<string, JsonObject>> {
  const { rows } = await client.query<{ target: string; metadata: JsonObject }>(
    `select address as target, metadata from accounts where ledger = $1 and metadata <> '{}'
    union all select 'tx:' || txid, metadata from transaction_metadata where ledger = $1`,
    [ledger],
  );
  return new Map(rows.map(({ target, metadata }) => [target, metadata]));
}

async function readMoves(client: pg.Client, ledger: number): Promise<Set<string>> {
  const { rows } = await client.query<Parameters<typeof moveText>[0]>(
    `select txid, coalesce(address, 'account number ' || moves.account) as account,
      is_source as "isSource", is_destination as "isDestination"
    from moves left join accounts on accounts.ledger = moves.ledger and accounts.id = moves.account
    where moves.ledger = $1`,
    [ledger],
  );
  return new Set(rows.map(moveText));
}

const PAGE = 5000;

async function readLogs(client: pg.Client, ledger: number): Promise<StoredLog[]> {
  const logs: StoredLog[] = [];
  for (let last = "-1"; ; ) {
    const { rows } = await client.query<LogRow>(
      `select id, encode(hash, 'hex') as hash, metadata, txid, reference, postings, volumes,
        to_char(date at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as date,
        coalesce(target_account, 'tx:' || target_txid) as target
      from logs where ledger = $1 and id > $2 order by id limit ${PAGE}`,
      [ledger, last],
    );
    for (const row of rows) logs.push(toLog(row));
    const end = rows.at(-1);
    if (end === undefined) return logs;
    last = end.id;
  }
}

type Quad = readonly [string, string, string, string];

interface LogRow {
  readonly id: string;
  readonly date: string;
  readonly hash: string;
  readonly metadata: JsonObject;
  readonly txid: string | null;
  readonly reference: string | null;
  readonly postings: readonly Quad[];
  readonly volumes: readonly Quad[];
  readonly target: string;
}

function toLog({ txid, target, reference, postings, volumes, ...row }: LogRow): StoredLog {
  const log = {
    id: BigInt(row.id),
    date: `${row.date.replace(/\.?0*$/, "")}Z`,
    hash: row.hash,
    metadata: row.metadata,
  };
  if (txid === null) return { ...log, type: "metadata", target };
  return {
    ...log,
    type: "transaction",
    txid: BigInt(txid),
    reference,
    postings: postings.map(toPosting),
    before: new Map(
      volumes.map(([account, asset, input, output]) => [
        volumeKey(account, asset),
        { input: BigInt(input), output: BigInt(output) },
      ]),
    ),
  };
}

const toPosting = ([source, destination, asset, amount]: Quad): Posting => ({
  source,
  destination,
  asset,
  amount: BigInt(amount),
});
