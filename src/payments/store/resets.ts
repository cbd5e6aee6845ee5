import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";

/** Up to `limit` connectors that were reset or uninstalled, from one event on and before another, in order. */
export const readResetsBetween = (
  db: Db,
  from: bigint,
  end: bigint,
  limit: number,
): Promise<{ event: bigint; provider: string; date: Micros }[]> =>
  db("connector_resets")
    .select("event", "provider", "date")
    .where("event", ">=", String(from))
    .where("event", "<", String(end))
    .orderBy("event")
    .limit(limit);
