import { Socket } from "node:net";
import { Client } from "pg";
import { type Ask, together } from "../lib/together.js";
import { sqlState } from "./transaction.js";

/** A session that owes an answer. */
export interface Suspect {
  readonly pid: number;
  readonly since: string;
  isSilent(): Promise<boolean>;
}

/** Whether the server has, or may have, still something to do for a session. If not, the session is ended, and with it its locks. */
export type FindAtWork = Ask<Suspect, boolean>;

/** Suspects of one look: more than any pool has. */
const MOST = 1_000;

/**
 * Asks the server at `url`, on a new connection, one at a time however many sessions are silent: a server that is short
 * of breath gets no storm of them. It has `patienceMs` to take the connection, and as long again to say anything.
 */
export const atWorkFinder = (url: string, patienceMs: number): FindAtWork =>
  together((suspects) => look(url, suspects, patienceMs), { most: MOST });

/** A session that waits for its client owes it nothing, or cannot bring it what it owes. */
const LOOK = `
  select pid
  from unnest($1::int[], $2::text[]) as suspect (pid, since)
  join pg_stat_activity as session using (pid)
  where extract(epoch from backend_start)::text = since
    and case when wait_event_type is distinct from 'Client' then true else not pg_terminate_backend(pid) end`;

async function look(
  url: string,
  suspects: readonly Suspect[],
  patienceMs: number,
): Promise<boolean[]> {
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    application_name: "florin",
    stream: () => socket,
  });
  client.on("error", () => {});
  const patience = giveUpAfter(socket, patienceMs);
  try {
    await client.connect();
    // Connecting took a while: who has answered meanwhile waits for its client, and is well.
    const areSilent = await Promise.all(suspects.map(({ isSilent }) => isSilent()));
    const silent = suspects.filter((_, index) => areSilent[index]);
    const { rows } = await client.query<{ pid: number }>(LOOK, [
      silent.map(({ pid }) => pid),
      silent.map(({ since }) => since),
    ]);
    const atWork = new Set(rows.map(({ pid }) => pid));
    return suspects.map(({ pid }, index) => !areSilent[index] || atWork.has(pid));
  } catch (error) {
    // Whatever it refuses us for, e.g. too many connections: it is there, and may well be at work.
    const isThere = sqlState(error) !== undefined || hasBacklog(error) || isUnasked(error);
    return suspects.map(() => isThere);
  } finally {
    clearInterval(patience);
    // A server that falls silent now would not say goodbye.
    client.end().catch(() => {});
  }
}

/** Whether more connections to a unix socket wait than its server lets wait. */
const hasBacklog = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EAGAIN";

/**
 * Whether the server was never asked: its name was not found, or this process may open no more sockets. That says nothing of
 * the connections that there are, and whoever breaks them could not open others.
 */
function isUnasked(error: unknown): boolean {
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  return syscall === "getaddrinfo" || code === "EMFILE" || code === "ENFILE";
}

const TICKS = 10;

/** Breaks `socket` after `ms` without a connection, or `ms` more. Time in which this process stood still does not count. */
function giveUpAfter(socket: Socket, ms: number): NodeJS.Timeout {
  let ticks = 0;
  let isAddressKnown = false;
  socket.once("connectionAttempt", () => {
    isAddressKnown = true;
  });
  return setInterval(() => {
    const most = socket.connecting ? TICKS : 2 * TICKS;
    if (++ticks > most) setImmediate(() => socket.destroy(isAddressKnown ? silent() : nameless()));
  }, ms / TICKS);
}

const silent = () => new Error("PostgreSQL says nothing");

/** As the system would say, once it has asked all servers of names in vain. */
const nameless = () =>
  Object.assign(new Error("nobody says where PostgreSQL is"), { syscall: "getaddrinfo" });
