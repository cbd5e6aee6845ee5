import type { Knex } from "knex";
import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import type { Pattern } from "../domain/pattern.js";
import { seek } from "./seek.js";
import { whereAddress } from "./whereAddress.js";

/** An account and its balance of each asset, ascending. */
export interface AccountBalances {
  readonly address: string;
  readonly balances: ReadonlyMap<string, bigint>;
}

/** Which accounts are meant: all, those of a pattern, or exactly these. */
export type Accounts = null | Pattern | readonly string[];

const HELD = `cross join lateral (
  select array_agg(asset order by asset) as assets, array_agg(input - output order by asset) as balances
  from volumes where volumes.ledger = accounts.ledger and volumes.account = accounts.id
) as held`;

/** The balances of up to `limit` of those accounts that have any, from `position` on. */
export async function readBalances(
  db: Db,
  ledger: number,
  accounts: Accounts,
  position: Position | null,
  limit: number,
): Promise<AccountBalances[]> {
  const query = db("accounts").joinRaw(HELD).where("accounts.ledger", ledger);
  whereAccounts(query, accounts);
  const rows: { address: string; assets: string[]; balances: bigint[] }[] = await seek(
    query.whereNotNull("held.assets"),
    "address",
    position,
    limit,
  ).select("address", "assets", "balances");
  return rows.map(({ address, assets, balances }) => ({
    address,
    balances: new Map(assets.map((asset, index) => [asset, balances[index] as bigint])),
  }));
}

/** The sum of the balances of those accounts, by asset, ascending. */
export async function sumBalances(
  db: Db,
  ledger: number,
  accounts: Accounts,
): Promise<ReadonlyMap<string, bigint>> {
  const query = db("volumes")
    .where("volumes.ledger", ledger)
    .select("asset", db.raw("sum(input - output) as balance"))
    .groupBy("asset")
    .orderBy("asset");
  if (accounts !== null) {
    query.join("accounts", (on) =>
      on.on("accounts.ledger", "volumes.ledger").on("accounts.id", "volumes.account"),
    );
    whereAccounts(query, accounts);
  }
  const rows: { asset: string; balance: bigint }[] = await query;
  return new Map(rows.map(({ asset, balance }) => [asset, balance]));
}

function whereAccounts(query: Knex.QueryBuilder, accounts: Accounts): void {
  if (accounts === null) return;
  if ("kind" in accounts) whereAddress(query, accounts);
  else query.whereIn("accounts.address", accounts);
}
