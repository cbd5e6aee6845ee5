import type { Db } from "../../db/database.js";
import { inTransaction } from "../../db/transaction.js";

/** How long a sink may be configured nowhere before events stop waiting for it. */
const FORGET_AFTER = "7 days";

/**
 * Makes the outbox keep events for `sinks`: for one that was unknown, those from now on. Called again now and then, it
 * keeps them known. Sinks that nobody calls it for are forgotten at length.
 */
export const registerSinks = (db: Db, sinks: readonly string[]): Promise<void> =>
  inTransaction(db, async (trx) => {
    await trx.raw(
      `delete from sinks where seen_at < now() - interval '${FORGET_AFTER}' and name <> all(?)`,
      [[...sinks]],
    );
    const { rows } = await trx.raw<{ rows: { name: string; is_new: boolean }[] }>(
      `insert into sinks (name) select unnest(?::text[])
      on conflict (name) do update set seen_at = now() returning name, xmax = 0 as is_new`,
      [[...sinks]],
    );
    const added = rows.filter(({ is_new }) => is_new).map(({ name }) => name);
    if (added.length === 0) return;
    await trx.raw(
      `insert into event_cursors (ledger, sink, outbox_row)
      select id, added.sink, next_event from streams cross join unnest(?::text[]) as added (sink)
      on conflict (ledger, sink) do update
      set outbox_row = excluded.outbox_row, sent = 0, attempts = 0, retry_at = null, fence = event_cursors.fence + 1`,
      [added],
    );
  });
