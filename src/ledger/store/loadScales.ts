import type { Connection } from "../../db/database.js";
import type { WantedScale } from "../domain/needs.js";
import type { Volume } from "../domain/volumes.js";
import { sqlArray } from "./sqlArray.js";

/** A volume that an account has of one asset of a wanted base. */
export interface FoundScale extends WantedScale, Volume {
  readonly asset: string;
}

/** All volumes of the `wanted` bases. "USD" is followed by "USD/0", …, "USD/9…" and, were it an asset, by "USD0". */
export async function loadScales(
  connection: Connection,
  ledger: number,
  wanted: readonly WantedScale[],
): Promise<FoundScale[]> {
  if (wanted.length === 0) return [];
  const { rows } = await connection.query<FoundScale>({
    name: "load_scales",
    text: `
      select wanted.account, wanted.base, volume.asset, volume.input, volume.output
      from unnest($2::text[], $3::text[]) as wanted (account, base)
      cross join lateral (
        select id from accounts where ledger = $1 and address = wanted.account limit 1
      ) as found
      cross join lateral (
        select asset, input, output from volumes
        where ledger = $1 and account = found.id and asset >= wanted.base and asset < wanted.base || '0' offset 0
      ) as volume`,
    values: [
      ledger,
      sqlArray(wanted.map(({ account }) => account)),
      sqlArray(wanted.map(({ base }) => base)),
    ],
  });
  return rows;
}
