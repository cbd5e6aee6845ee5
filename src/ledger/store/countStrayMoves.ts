import type { Db } from "../../db/database.js";

/** How many moves of the ledger are missing, superfluous or wrong, by the postings in its logs. */
export async function countStrayMoves(db: Db, ledger: number): Promise<bigint> {
  const { rows } = await db.raw<{ rows: { count: bigint }[] }>(
    `with moved as (
       select accounts.id as account, logs.txid, bool_or(side.is_source) as is_source,
         bool_or(not side.is_source) as is_destination
       from logs
       cross join jsonb_array_elements(logs.postings) as posting
       cross join lateral (values (posting ->> 0, true), (posting ->> 1, false)) as side (address, is_source)
       join accounts on accounts.ledger = :ledger and accounts.address = side.address
       where logs.ledger = :ledger and logs.txid is not null
       group by accounts.id, logs.txid
     ), stored as (
       select account, txid, is_source, is_destination from moves where ledger = :ledger
     )
     select (select count(*) from (select * from moved except select * from stored) as missing)
       + (select count(*) from (select * from stored except select * from moved) as superfluous) as count`,
    { ledger },
  );
  return rows[0]?.count ?? 0n;
}
