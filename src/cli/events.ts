import { loadConfig } from "../config.js";
import type { Db } from "../db/database.js";
import {
  type ListedLetter,
  listDeadLetters,
  replayDeadLetters,
} from "../events/store/deadLetters.js";
import { formatInstant } from "../lib/time.js";
import { undoable } from "../lib/undoable.js";
import { createLogger } from "../logger.js";
import { startDatabase } from "../startDatabase.js";

/** Which dead letters are meant: all, unless narrowed. */
export interface LetterFilter {
  readonly ledger?: string;
  readonly sink?: string;
  readonly id?: string;
}

/** Prints the dead letters, one a line: sink, message id, attempts, when it failed, whether it rests, and why. */
export const printDeadLetters = (filter: LetterFilter): Promise<void> =>
  withLedgers(filter, async (db, ledger) => {
    for await (const letter of listDeadLetters(db, ledger, filter.sink ?? null)) {
      console.log(lineOf(letter));
    }
  });

const lineOf = ({ sink, id, attempts, failedAt, retryAt, reason }: ListedLetter): string =>
  [
    sink,
    id,
    `${attempts} attempts`,
    formatInstant(failedAt),
    retryAt === null ? "rests" : `again at ${formatInstant(retryAt)}`,
    JSON.stringify(reason),
  ].join("  ");

/** Puts dead letters back into delivery: a server that runs, or the next one that does, sends them. */
export async function replay(filter: LetterFilter): Promise<void> {
  const { sink = null, id = null } = filter;
  let count = 0;
  await withLedgers(filter, async (db, ledger) => {
    count += await replayDeadLetters(db, ledger, { sink, id });
  });
  console.log(`${count} dead letters are sent again`);
}

async function withLedgers(
  { ledger }: LetterFilter,
  use: (db: Db, ledger: number) => Promise<void>,
): Promise<void> {
  const config = loadConfig(process.env);
  const { value: db, stop } = await undoable((onStop) =>
    startDatabase(config, createLogger(config), onStop),
  );
  try {
    const ledgers: number[] = await db("streams")
      .where(ledger === undefined ? {} : { name: ledger })
      .orderBy("name")
      .pluck("id");
    if (ledgers.length === 0 && ledger !== undefined) {
      throw new Error(`There is no ledger called ${ledger}.`);
    }
    for (const id of ledgers) await use(db, id);
  } finally {
    await stop();
  }
}
