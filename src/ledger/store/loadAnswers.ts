import type { Connection } from "../../db/database.js";
import type { Idempotency } from "../../lib/idempotency.js";
import type { Entry } from "../domain/log.js";
import type { Answer } from "../domain/state.js";
import { type LogRow, logColumns, toLog } from "./logRow.js";
import { sqlArray } from "./sqlArray.js";

interface AnswerRow {
  readonly key: string;
  readonly requestHash: string;
  readonly firstLogId: bigint | null;
  readonly mapping: bigint | null;
}

/** The columns of a log are null where there is none. */
type MaybeLogRow = LogRow | { readonly id: null };

/**
 * What was written under the key of each of `wanted`, by key; no logs of it if that was for another request. Logs never
 * change, so neither do answers. "limit 1" has each key looked up by itself.
 */
export async function loadAnswers(
  connection: Connection,
  ledger: number,
  wanted: readonly Idempotency[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer & { entries: Entry[] }>();
  if (wanted.length === 0) return answers;
  const { rows } = await connection.query<AnswerRow & MaybeLogRow>({
    name: "load_answers",
    text: `
      select answer.key, answer.hash as "requestHash", answer.first_log as "firstLogId", answer.mapping, ${logColumns()}
      from unnest($2::text[], $3::text[]) as wanted (key, hash)
      cross join lateral (
        select key, encode(request_hash, 'hex') as hash, first_log, last_log, mapping
        from idempotency_keys where ledger = $1 and key = wanted.key limit 1
      ) as answer
      left join lateral (
        select * from logs where ledger = $1 and id between answer.first_log and answer.last_log
          and answer.hash = wanted.hash offset 0
      ) as logs on true
      order by logs.id`,
    values: [
      ledger,
      sqlArray(wanted.map(({ key }) => key)),
      sqlArray(wanted.map(({ requestHash }) => requestHash)),
    ],
  });
  for (const row of rows) {
    const { key, requestHash, firstLogId, mapping } = row;
    const answer = answers.get(key) ?? { requestHash, firstLogId, mapping, entries: [] };
    if (row.id !== null) answer.entries.push(toLog(row).entry);
    answers.set(key, answer);
  }
  return answers;
}
