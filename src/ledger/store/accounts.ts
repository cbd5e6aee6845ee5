import type { Knex } from "knex";
import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import type { Metadata } from "../domain/metadata.js";
import type { AccountFilter, BalanceFilter, BalanceOperator } from "../domain/query.js";
import type { Volume } from "../domain/volumes.js";
import { seek } from "./seek.js";
import { whereAddress } from "./whereAddress.js";
import { whereMetadata } from "./whereMetadata.js";

export interface Account {
  readonly address: string;
  readonly metadata: Metadata;
}

/** Up to `limit` of the accounts that `filter` lets through, from `position` on. */
export const readAccounts = async (
  db: Db,
  ledger: number,
  filter: AccountFilter,
  position: Position | null,
  limit: number,
): Promise<Account[]> =>
  seek(matching(db, ledger, filter), "address", position, limit).select("address", "metadata");

export async function countAccounts(
  db: Db,
  ledger: number,
  filter: AccountFilter,
): Promise<bigint> {
  const [row] = await matching(db, ledger, filter).count();
  return row.count;
}

/** An account and what it holds of each asset, ascending. */
export interface AccountWithVolumes extends Account {
  readonly volumes: ReadonlyMap<string, Volume>;
}

/** The account of that address; null if there is none. */
export async function readAccount(
  db: Db,
  ledger: number,
  address: string,
): Promise<AccountWithVolumes | null> {
  const rows: (Volume & { metadata: Metadata; asset: string | null })[] = await db("accounts")
    .leftJoin("volumes", (on) =>
      on.on("volumes.ledger", "accounts.ledger").on("volumes.account", "accounts.id"),
    )
    .where({ "accounts.ledger": ledger, address })
    .select("metadata", "asset", "input", "output")
    .orderBy("asset");
  if (rows[0] === undefined) return null;
  const volumes = new Map<string, Volume>();
  for (const { asset, input, output } of rows) {
    if (asset !== null) volumes.set(asset, { input, output });
  }
  return { address, metadata: rows[0].metadata, volumes };
}

function matching(db: Db, ledger: number, filter: AccountFilter): Knex.QueryBuilder {
  const query = db("accounts").where("accounts.ledger", ledger);
  if (filter.address) whereAddress(query, filter.address);
  whereMetadata(query, "accounts.metadata", filter.metadata);
  if (filter.balance) whereBalance(query, filter.balance);
  return query;
}

const SQL_OPERATORS: Readonly<Record<BalanceOperator, string>> = {
  e: "=",
  ne: "<>",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
};

/** At least one volume has such a balance. */
function whereBalance(query: Knex.QueryBuilder, { operator, balance, asset }: BalanceFilter): void {
  query.whereExists((volumes) => {
    volumes
      .from("volumes")
      .whereRaw("volumes.ledger = accounts.ledger and volumes.account = accounts.id")
      .whereRaw(`volumes.input - volumes.output ${SQL_OPERATORS[operator]} ?`, [String(balance)]);
    if (asset !== null) volumes.where("volumes.asset", asset);
  });
}
