import type { Db } from "../database.js";

/**
 * Lists of payments and accounts by a column of few values, in either direction, the newest or the oldest first of each
 * value: with the id alone behind it, each page sorted all rows of a value.
 */
export const up = async (db: Db): Promise<void> => {
  for (const [table, columns] of Object.entries(ORDERS)) {
    for (const column of columns) {
      const name = `${table}_by_${column}`;
      await db.raw(`
        drop index ${name};
        create index ${name}_oldest on ${table} (${column}, created_at, id);
        create index ${name}_newest on ${table} (${column}, created_at desc, id desc);
      `);
    }
  }
};

const ORDERS: Readonly<Record<string, readonly string[]>> = {
  payments: ["status", "type", "scheme", "asset", "provider"],
  payment_accounts: ["type", "provider"],
};
