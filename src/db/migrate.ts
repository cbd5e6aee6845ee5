import type { Knex } from "knex";
import type { Micros } from "../lib/time.js";
import type { Db } from "./database.js";
import { type Migration, migrations } from "./migrations/index.js";
import { inTransaction, sqlState } from "./transaction.js";

/**
 * Brings the database to this program's schema, in one transaction. Any number of processes may do so at once: they
 * queue on the row of `migration_gate`, whose lock dies with its holder.
 */
export async function migrate(db: Db, list: readonly Migration[] = migrations): Promise<void> {
  await createGate(db);
  await inTransaction(db, async (trx) => {
    await trx.raw("select id from migration_gate where id = 1 for update");
    const [done] = (await trx.migrate.list(settings(list))) as [{ name: string }[], unknown];
    refuseNewer(
      done.map(({ name }) => name),
      list,
    );
    await trx.migrate.latest(settings(list));
  });
}

/** "If not exists" does not keep two creators apart: the later one fails with one of these, and finds it made. */
const MADE_MEANWHILE = new Set(["23505", "42P07", "42710"]);

async function createGate(db: Db): Promise<void> {
  try {
    await db.raw("create table if not exists migration_gate (id integer primary key)");
  } catch (error) {
    if (!MADE_MEANWHILE.has(sqlState(error) ?? "")) throw error;
  }
  await db.raw("insert into migration_gate values (1) on conflict do nothing");
}

function refuseNewer(done: readonly string[], list: readonly Migration[]): void {
  const known = new Set(list.map(({ name }) => name));
  const unknown = done.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new Error(
    `A newer Florin has changed this database (${unknown.join(", ")}): run that version or a later one, or restore a backup made before.`,
  );
}

const TABLE = "migrations";

const settings = (list: readonly Migration[]): Knex.MigratorConfig => ({
  tableName: TABLE,
  disableMigrationsListValidation: true,
  // We are in one already.
  disableTransactions: true,
  migrationSource: {
    getMigrations: async () => [...list],
    getMigrationName: ({ name }: Migration) => name,
    getMigration: async ({ up }: Migration) => ({ up, down: refuseDown }),
  },
});

const refuseDown = () => Promise.reject(new Error("Migrations go forward only."));

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly date: Micros;
}

/** The migrations that this database has gone through, oldest first. */
export async function listMigrations(db: Db): Promise<AppliedMigration[]> {
  const rows: { name: string; migration_time: Micros }[] = await db(TABLE).orderBy("id");
  return rows.map(({ name, migration_time }) => {
    const [number = "", ...words] = name.split("_");
    return { version: Number(number), name: words.join(" "), date: migration_time };
  });
}
