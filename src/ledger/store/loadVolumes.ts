import type { Connection } from "../../db/database.js";
import type { Wanted } from "../domain/needs.js";
import type { Volume } from "../domain/volumes.js";
import { sqlArray } from "./sqlArray.js";

/** A wanted account that exists, and its volume of the asset, if it ever had one. */
export interface Found extends Wanted {
  readonly id: bigint;
  readonly volume: Volume | null;
}

/** Of the `wanted` accounts, those that exist. "limit 1" has each looked up by itself: a join may read whole tables. */
export async function loadVolumes(
  connection: Connection,
  ledger: number,
  wanted: readonly Wanted[],
): Promise<Found[]> {
  if (wanted.length === 0) return [];
  const { rows } = await connection.query({
    name: "load_volumes",
    text: `
      select found.id, wanted.account, wanted.asset, volume.input, volume.output
      from unnest($2::text[], $3::text[]) as wanted (account, asset)
      cross join lateral (
        select id from accounts where ledger = $1 and address = wanted.account limit 1
      ) as found
      left join lateral (
        select input, output from volumes where ledger = $1 and account = found.id and asset = wanted.asset limit 1
      ) as volume on true`,
    values: [
      ledger,
      sqlArray(wanted.map(({ account }) => account)),
      sqlArray(wanted.map(({ asset }) => asset)),
    ],
  });
  return rows.map(({ id, account, asset, input, output }) => ({
    id,
    account,
    asset,
    volume: input === null ? null : { input, output },
  }));
}
