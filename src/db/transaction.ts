import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import type { Db } from "./database.js";

const ATTEMPTS = 8;

/**
 * Runs `work` in a transaction, again from its start when PostgreSQL gives it up for the sake of another. So `work`
 * must do nothing outside of the database that may not be repeated.
 */
export async function inTransaction<T>(
  db: Db,
  work: (trx: Knex.Transaction) => Promise<T>,
  options: Knex.TransactionConfig = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let fault: unknown;
    const noteFault = (error: unknown): never => {
      fault = error;
      throw error;
    };
    try {
      return await db.transaction((trx) => work(trx).catch(noteFault), options);
    } catch (last) {
      // On a dead connection knex rejects with its own failure to roll back. The fault of `work` says more.
      const error = fault ?? last;
      if (attempt === ATTEMPTS || !isRetryable(error)) throw error;
      await sleep(Math.random() * 5 * 2 ** attempt);
    }
  }
}

/** Whether PostgreSQL gave the transaction up for the sake of another one: 40001 and 40P01. It changed nothing. */
const isRetryable = (error: unknown): boolean => {
  const code = sqlState(error);
  return code === "40001" || code === "40P01";
};

/** The SQLSTATE of an error that PostgreSQL reported, e.g. "23505"; undefined for any other error. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && "severity" in error && "code" in error ? String(error.code) : undefined;

/**
 * Reads in one snapshot, each statement ended after `timeoutMs`: for queries whose cost a caller chooses, e.g. with a
 * regular expression. PostgreSQL then throws 57014.
 */
export const readWithin = <T>(
  db: Db,
  timeoutMs: number,
  read: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> =>
  inTransaction(
    db,
    async (trx) => {
      await trx.raw(`set local statement_timeout = ${Math.trunc(timeoutMs)}`);
      return read(trx);
    },
    { readOnly: true, isolationLevel: "repeatable read" },
  );
