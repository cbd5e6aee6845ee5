import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Client } from "pg";
import { sqlState } from "./transaction.js";

/** A session of PostgreSQL, seen from its socket. */
export interface Session {
  readonly stream: Socket;
  /** The process that serves it: its number, and when it began, for numbers come back. */
  readonly pid: number;
  readonly since: string;
  /** Whether something was asked and is not answered. */
  isWaiting(): boolean;
}

/**
 * Breaks the connection of `session` when its server will never answer: a network or a failover may drop everything
 * without a word, and the system notices that only after a quarter of an hour. A statement that takes its time is let
 * be: after each silence of `silenceMs`, the server at `url` is asked on a new connection what the session does.
 */
export function watchSilence(session: Session, url: string, silenceMs: number): void {
  const { stream } = session;
  const look = async () => {
    const { bytesRead } = stream;
    const isSilent = () => session.isWaiting() && stream.bytesRead === bytesRead;
    // If it was this process that stood still, answers are there, and are read now.
    await nextTurn();
    if (isSilent() && !(await isAtWork(url, session)) && isSilent()) stream.destroy(silence());
    else stream.setTimeout(silenceMs);
  };
  stream.setTimeout(silenceMs);
  stream.on("timeout", () => void look());
}

/** As the system would say, much later. Each its own: knex writes the query into the error that ended it. */
const silence = () =>
  Object.assign(new Error("PostgreSQL does not answer any more"), { code: "ETIMEDOUT" });

const LIMIT_MS = 5_000;

/** A session that waits for its client owes it nothing, or cannot bring it what it owes. */
const LOOK = `
  select case when is_at_work then true else not pg_terminate_backend(pid) end as "isAtWork"
  from (
    select pid, wait_event_type is distinct from 'Client' as is_at_work
    from pg_stat_activity where pid = $1 and extract(epoch from backend_start)::text = $2
  ) as session`;

/** Whether the server has still something to do for a session. If not, the session is ended, and with it its locks. */
async function isAtWork(url: string, { pid, since }: Session): Promise<boolean> {
  const client = new Client({
    connectionString: url,
    application_name: "florin",
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ isAtWork: boolean }>(LOOK, [pid, since]);
    return rows[0]?.isAtWork ?? false;
  } catch (error) {
    // Too many connections: it is there, and may well be at work.
    return sqlState(error)?.startsWith("53") ?? false;
  } finally {
    // A server that falls silent now would not say goodbye.
    client.end().catch(() => {});
  }
}
