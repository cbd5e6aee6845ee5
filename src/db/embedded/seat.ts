import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { sqlState } from "../transaction.js";
import { SUPERUSER } from "./cluster.js";
import { findPostmaster, isPostmaster, type LaunchOptions, launch, logTail } from "./postmaster.js";

/** Any number: an advisory lock on it, shared, is a process's seat at the database. */
const SEATS = 5_715_000;

/** A server that does not even say that it is busy for this long is broken. */
const SILENCE_MS = 30_000;
/** A start may fail for a while: until the processes of a server that was killed are gone. */
const FAILING_MS = 5_000;

/**
 * A connection that says "I use this database" while it is open, so that nobody else stops it. Starts the server if
 * none is running.
 */
export async function takeSeat(options: LaunchOptions): Promise<Client> {
  const begin = Date.now();
  let lastSign = begin;
  let child: ChildProcess | null = null;
  for (;;) {
    const running = await findPostmaster(options.data);
    if (running === null && (child === null || hasEnded(child))) {
      const isFailing = child !== null;
      if (isFailing && Date.now() - begin > FAILING_MS) throw await failedStart(options.data);
      if (isFailing) await sleep(250);
      child = await launch(options);
    }
    const answer = await connect(running?.socketFolder ?? options.socketFolder);
    if (answer instanceof Client) {
      if (await sitDown(answer)) return answer;
      await answer.end();
    }
    if (answer !== "silent") lastSign = Date.now();
    if (Date.now() - lastSign > SILENCE_MS) throw await failedStart(options.data);
    await sleep(20);
  }
}

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

const failedStart = async (data: string): Promise<Error> =>
  new Error(`The embedded PostgreSQL does not start. The end of its log:\n${await logTail(data)}`);

/** "busy" is a server that starts, recovers after a crash, or stops. */
async function connect(folder: string): Promise<Client | "busy" | "silent"> {
  const client = new Client({
    connectionString: databaseUrl(folder, "postgres"),
    application_name: "florin supervisor",
  });
  // What ends the connection is told by its "end", too.
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined) return "silent";
    if (state === "57P03") return "busy";
    throw error;
  }
}

export const databaseUrl = (folder: string, database: string): string =>
  `postgresql://${SUPERUSER}@/${database}?host=${encodeURIComponent(folder)}`;

/** False while somebody, the last to leave, is stopping the server. */
async function sitDown(client: Client): Promise<boolean> {
  const { rows } = await client.query("select pg_try_advisory_lock_shared($1) as taken", [SEATS]);
  return rows[0].taken;
}

/** Gives the seat up. Whoever then holds the lock alone was the last one here, and stops the server. */
export async function leaveSeat(seat: Client, data: string): Promise<void> {
  await seat.query("select pg_advisory_unlock_shared($1)", [SEATS]);
  const { rows } = await seat.query("select pg_try_advisory_lock($1) as last", [SEATS]);
  const running = await findPostmaster(data);
  if (!rows[0].last || running === null) return seat.end();
  // A fast shutdown: open transactions are rolled back, everything committed is on disk.
  process.kill(running.pid, "SIGINT");
  // Not `isAlive`: where nobody collects dead processes, it would be for ever.
  while (await isPostmaster(running.pid, data)) await sleep(10);
}
