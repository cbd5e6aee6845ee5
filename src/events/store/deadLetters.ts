import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";
import type { Message } from "../message.js";
import type { Pending } from "../source.js";

/** An event that a sink would not take. */
export interface DeadLetter extends Pick<Pending, "number" | "message"> {
  /** Id of the ledger. */
  readonly ledger: number;
  readonly sink: string;
  readonly reason: string;
  /** Since it was last put back into delivery, if it ever was. */
  readonly attempts: number;
}

/** Which one it is. */
export type LetterKey = Pick<DeadLetter, "ledger" | "sink" | "number">;

/** A dead letter as it is shown. */
export interface ListedLetter extends Pick<Message, "id" | "type"> {
  readonly sink: string;
  readonly reason: string;
  readonly attempts: number;
  readonly failedAt: Micros;
  /** When it is sent again; null while it rests. */
  readonly retryAt: Micros | null;
}

const PAGE = 1000;

/** The dead letters of a ledger, by sink and in order; of one sink, if it is named. */
export async function* listDeadLetters(
  db: Db,
  ledger: number,
  sink: string | null,
): AsyncGenerator<ListedLetter> {
  for (let last = { sink: "", event: -1n }; ; ) {
    const page: (ListedLetter & { event: bigint })[] = await db("dead_letters")
      .select("sink", "event", "message_id as id", "type", "reason", "attempts")
      .select("failed_at as failedAt", "retry_at as retryAt")
      .where({ ledger, ...(sink !== null && { sink }) })
      .whereRaw("(sink, event) > (?, ?)", [last.sink, String(last.event)])
      .orderBy(["sink", "event"])
      .limit(PAGE);
    yield* page;
    const end = page[PAGE - 1];
    if (end === undefined) return;
    last = end;
  }
}

/** Puts dead letters of a ledger that rest back into delivery; answers how many. */
export const replayDeadLetters = (
  db: Db,
  ledger: number,
  { sink, id }: { readonly sink: string | null; readonly id: string | null },
): Promise<number> =>
  db("dead_letters")
    .where({ ledger, ...(sink !== null && { sink }), ...(id !== null && { message_id: id }) })
    .whereNull("retry_at")
    .update({ retry_at: db.fn.now(), attempts: 0 });

/**
 * Takes a letter that is due, with one attempt more, and lets nobody else have it for `forMs`. Null if somebody else was
 * faster.
 */
export async function claimDeadLetter(
  db: Db,
  { ledger, sink, number }: LetterKey,
  forMs: number,
): Promise<DeadLetter | null> {
  const { rows } = await db.raw(
    `update dead_letters set attempts = attempts + 1, retry_at = now() + ? * interval '1 ms'
    where ledger = ? and sink = ? and event = ? and retry_at <= now()
    returning message_id, type, body, reason, attempts, (select name from streams where id = ?) as key`,
    [forMs, ledger, sink, String(number), ledger],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { message_id: id, key, type, body, reason, attempts } = row;
  return { ledger, sink, number, message: { id, key, type, body }, reason, attempts };
}

/** For a letter that was delivered after all. */
export const deleteDeadLetter = (db: Db, { ledger, sink, number }: LetterKey): Promise<unknown> =>
  db("dead_letters")
    .where({ ledger, sink, event: String(number) })
    .delete();

/** Lets a letter wait for its next attempt; with null it rests. */
export const keepDeadLetter = (
  db: Db,
  { ledger, sink, number, reason }: LetterKey & Pick<DeadLetter, "reason">,
  waitMs: number | null,
): Promise<unknown> =>
  db.raw(
    `update dead_letters set reason = ?, failed_at = now(), retry_at = now() + ?::float8 * interval '1 ms'
    where ledger = ? and sink = ? and event = ?`,
    [reason, waitMs, ledger, sink, String(number)],
  );
