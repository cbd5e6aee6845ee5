import type { Connection } from "../../db/database.js";
import type { Entry } from "../domain/log.js";
import type { Answer } from "../domain/state.js";
import { type LogRow, logColumns, toLog } from "./logRow.js";

interface AnswerRow {
  readonly key: string;
  readonly requestHash: string;
  readonly firstLogId: bigint | null;
  readonly mapping: bigint | null;
}

/** The columns of a log are null where there is none. */
type MaybeLogRow = LogRow | { readonly id: null };

/** What was written under each of `keys`, by key. Logs never change, so neither do answers. */
export async function loadAnswers(
  connection: Connection,
  ledger: number,
  keys: readonly string[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer & { entries: Entry[] }>();
  if (keys.length === 0) return answers;
  const { rows } = await connection.query<AnswerRow & MaybeLogRow>({
    name: "load_answers",
    text: `
      select idempotency_keys.key, encode(idempotency_keys.request_hash, 'hex') as "requestHash",
        idempotency_keys.first_log as "firstLogId", idempotency_keys.mapping, ${logColumns()}
      from idempotency_keys
      left join lateral (
        select * from logs where ledger = $1 and id between first_log and last_log offset 0
      ) as logs on true
      where idempotency_keys.ledger = $1 and idempotency_keys.key = any($2)
      order by logs.id`,
    values: [ledger, keys],
  });
  for (const row of rows) {
    const { key, requestHash, firstLogId, mapping } = row;
    const answer = answers.get(key) ?? { requestHash, firstLogId, mapping, entries: [] };
    if (row.id !== null) answer.entries.push(toLog(row).entry);
    answers.set(key, answer);
  }
  return answers;
}
