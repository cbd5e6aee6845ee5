import { pino } from "pino";
import { expect, test } from "vitest";
import type { Db } from "../../../src/db/database.js";
import { createLedger } from "../../../src/ledger/ledger.js";
import { testDb } from "../../support/database.js";
import { clientOf, type LedgerClient } from "../client.js";
import { fixedClock } from "../support.js";

const TRANSACTIONS = 20_000;
const USERS = 6_000;
const START = 1_700_000_000;

/** Written past the ledger: each transaction pays one of the users in turn, a second after the one before. */
async function largeLedger(): Promise<Db> {
  const db = await testDb();
  await db.raw(`/* test */
    insert into ledgers (id, name, next_txid, next_log, next_account)
      values (1, 'main', ${TRANSACTIONS}, ${TRANSACTIONS}, ${USERS + 1});
    insert into accounts (ledger, id, address)
      select 1, id, case id when 0 then 'world' else 'users:' || id || ':wallet' end
      from generate_series(0, ${USERS}) as id;
    insert into volumes (ledger, account, asset, input, output)
      select 1, id, 'USD/2', 10, 0 from generate_series(0, ${USERS}) as id;
    insert into logs (ledger, id, date, hash, metadata, txid, postings, volumes)
      select 1, id, to_timestamp(${START} + id), sha256(id::text::bytea), '{}', id,
        jsonb_build_array(jsonb_build_array('world', address, 'USD/2', '1')),
        jsonb_build_array(
          jsonb_build_array('world', 'USD/2', '0', '0'), jsonb_build_array(address, 'USD/2', '0', '0'))
      from (select id, 'users:' || 1 + id % ${USERS} || ':wallet' as address
        from generate_series(0, ${TRANSACTIONS - 1}) as id) as made;
    insert into moves (ledger, account, txid, is_source, is_destination)
      select 1, 0, txid, true, false from generate_series(0, ${TRANSACTIONS - 1}) as txid
      union all
      select 1, 1 + txid % ${USERS}, txid, false, true from generate_series(0, ${TRANSACTIONS - 1}) as txid;
    analyze ledgers, accounts, volumes, logs, moves`);
  return db;
}

interface Node {
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Node[];
}

/** Rows that a plan has taken from tables and indexes, to keep or to drop. */
const touched = ({ Plans: parts, ...node }: Node): number =>
  parts
    ? parts.reduce((sum, part) => sum + touched(part), 0)
    : (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];

/** Rows that all statements of `run` touch together. */
async function rowsTouched(db: Db, run: () => Promise<unknown>): Promise<number> {
  const sent: { sql: string; bindings: readonly unknown[] }[] = [];
  const listen = (query: { sql: string; bindings?: readonly unknown[] }) =>
    sent.push({ sql: query.sql, bindings: query.bindings ?? [] });
  db.on("query", listen);
  await run();
  db.removeListener("query", listen);
  let rows = 0;
  for (const { sql, bindings } of sent) {
    if (!sql.startsWith("select")) continue;
    const statement = sql.replaceAll(/\$\d+/g, "?");
    const answer = await db.raw(`explain (analyze, format json) ${statement}`, bindings as never);
    rows += touched(answer.rows[0]["QUERY PLAN"][0].Plan);
  }
  return rows;
}

const ledger = "main";
const at = (second: number) => ({ seconds: BigInt(START + second), nanos: 0 });

const CALLS: Readonly<Record<string, (client: LedgerClient) => Promise<unknown>>> = {
  "the newest": (client) => client.listTransactions({ ledger }),
  "a page deep below": (client) => client.listTransactions({ ledger, after: 100n }),
  "of one user": (client) => client.listTransactions({ ledger, account: "users:7:wallet" }),
  "of a busy account": (client) => client.listTransactions({ ledger, account: "world" }),
  "of a busy account, deep below": (client) =>
    client.listTransactions({ ledger, source: "world", after: 100n }),
  "of a few users": (client) => client.listTransactions({ ledger, account: "users:70\\d:.*" }),
  "of many users": (client) => client.listTransactions({ ledger, account: "users:.*" }),
  "of a busy account and one user": (client) =>
    client.listTransactions({ ledger, source: "world", destination: "users:7:wallet" }),
  "of a short time long ago": (client) =>
    client.listTransactions({ ledger, startTime: at(50), endTime: at(1050) }),
  "logs of a short time long ago": (client) =>
    client.listLogs({ ledger, startTime: at(50), endTime: at(1050) }),
  "of a reference": (client) => client.listTransactions({ ledger, reference: "none" }),
  "one transaction": (client) => client.getTransaction({ ledger, txid: 5n }),
  "one account": (client) => client.getAccount({ ledger, address: "users:7:wallet" }),
  accounts: (client) => client.listAccounts({ ledger, after: "users:5" }),
  "accounts that begin so": (client) => client.listAccounts({ ledger, address: "users:77:.*" }),
  balances: (client) => client.getBalances({ ledger, after: "users:5" }),
  "balances of accounts that begin so": (client) =>
    client.getBalances({ ledger, address: ["users:77:.*"] }),
  "the sum of accounts that begin so": (client) =>
    client.getBalancesAggregated({ ledger, address: "users:77:.*" }),
  "how many there are": (client) => client.countTransactions({ ledger }),
  "how many accounts there are": (client) => client.countAccounts({ ledger }),
};

test("what is asked for is found without looking through the ledger", {
  timeout: 60_000,
}, async () => {
  const db = await largeLedger();
  const clock = fixedClock;
  const logger = pino({ level: "silent" });
  const client = clientOf(createLedger({ db, clock, logger, allowPastTimestamps: false }));
  for (const [name, call] of Object.entries(CALLS)) {
    expect(await rowsTouched(db, () => call(client)), name).toBeLessThan(4000);
  }
});
