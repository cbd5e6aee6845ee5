import type { Db } from "../../src/db/database.js";

/** Lets others take what a process holds that is dead or stands still, as time does: its leases have run out. */
export const freeLeases = async (db: Db): Promise<void> => {
  await db.raw("/* test */ update event_cursors set leased_until = now()");
  await db.raw("/* test */ update connector_tasks set leased_until = now()");
};
