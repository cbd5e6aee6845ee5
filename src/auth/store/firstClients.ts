import type { Db } from "../../db/database.js";

/** Whether a client of this id was made at some start, even if it was deleted since. */
export async function isFirstClient(db: Db, clientId: string): Promise<boolean> {
  return (await db("first_clients").where({ client_id: clientId }).first()) !== undefined;
}

/** Notes that it is; true for the one transaction that was first. Others wait for its end. */
export async function noteFirstClient(trx: Db, clientId: string): Promise<boolean> {
  const noted = await trx("first_clients")
    .insert({ client_id: clientId })
    .onConflict("client_id")
    .ignore()
    .returning("client_id");
  return noted.length > 0;
}
