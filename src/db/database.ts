import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import knex, { type Knex } from "knex";
import type { ClientBase, DatabaseError, QueryResult } from "pg";
import { atWorkFinder } from "./findAtWork.js";
import { getTypeParser } from "./typeParsers.js";
import { type Session, silence, watchSilence } from "./watchSilence.js";

/** PostgreSQL through one pool of connections; inside a transaction, that transaction. */
export type Db = Knex;

/** A connection lent out of the pool. */
export type Connection = ClientBase;

export interface DatabaseOptions {
  /** `postgresql://…`; a socket's folder goes into `?host=`. */
  readonly url: string;
  readonly poolSize: number;
  /** How long a statement may wait for a lock. PostgreSQL then throws 55P03. */
  readonly lockTimeoutMs?: number;
  /** After which a server that owes an answer is asked whether it is at work. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 5_000;

/** Opens the pool. It connects when first asked; `destroy()` closes it. */
export const openDatabase = ({
  url,
  poolSize,
  lockTimeoutMs = 0,
  silenceMs = SILENCE_MS,
}: DatabaseOptions): Db =>
  knex({
    client: "pg",
    connection: {
      connectionString: url,
      application_name: "florin",
      keepAlive: true,
      ...PIPELINE,
      connectionTimeoutMillis: 10_000,
      types: { getTypeParser },
    },
    pool: {
      min: 0,
      max: poolSize,
      afterCreate: prepareSession(
        `set lock_timeout = ${lockTimeoutMs}; ${SESSION}`,
        url,
        silenceMs,
      ),
    },
    acquireConnectionTimeout: 10_000,
    log: silent,
  });

/** Statements that do not wait for one another are sent at once. Knex hands it on, but its types do not know it. */
const PIPELINE = { pipeline: true };

/**
 * Whatever the server's and the role's defaults are, each session answers in the forms that `getTypeParser` reads,
 * sees what was committed before each statement, acknowledges a commit only when it is on disk, and gives its locks
 * back when its client hangs inside a transaction.
 */
const SESSION = `
  set timezone = 'UTC';
  set datestyle = 'ISO';
  set default_transaction_isolation = 'read committed';
  set idle_in_transaction_session_timeout = '60s';
  select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') = 'off';
  select pid, extract(epoch from backend_start)::text as since from pg_stat_activity where pid = pg_backend_pid()`;

/** What pg and knex keep on a connection without telling TypeScript. */
interface Wire {
  readonly connection: EventEmitter & { readonly stream: Socket };
  readonly _activeQuery: object | null;
  readonly _sentQueryQueue: readonly object[];
  __knex__disposed?: Error;
}

type Backend = Pick<Session, "pid" | "since">;

function prepareSession(settings: string, url: string, silenceMs: number) {
  const isAtWork = atWorkFinder(url, silenceMs);
  const open = new Set<Wire>();
  // Those that are lent are the last to know, and are watched themselves. All are closed when they come back.
  const onSilence = () => {
    for (const connection of open) connection.__knex__disposed ??= silence();
  };
  return (connection: Connection & Wire, done: (error: Error | null) => void): void => {
    // A server that gives up a connection says why, then closes it: in between, knex would lend it once more.
    connection.connection.on("errorMessage", (message: DatabaseError) => {
      if (/FATAL|PANIC/.test(message.severity ?? "")) connection.__knex__disposed = message;
    });
    const isWaiting = () =>
      connection._activeQuery !== null || connection._sentQueryQueue.length > 0;
    // A query of several statements has as many results.
    const begun = connection.query(settings) as unknown as Promise<QueryResult<Backend>[]>;
    begun.then((results) => {
      const { pid = 0, since = "" } = results.at(-1)?.rows[0] ?? {};
      const { stream } = connection.connection;
      open.add(connection);
      connection.once("end", () => open.delete(connection));
      watchSilence({ stream, pid, since, isWaiting }, { silenceMs, isAtWork, onSilence });
      done(null);
    }, done);
  };
}

/** Knex warns of what it also throws; it is logged once, where it is caught. */
const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * Lends a raw connection of the pool to `use`, for statements that knex's builder would slow down. If `use` throws
 * inside a transaction, the transaction is rolled back before anybody else gets the connection.
 */
export async function withConnection<T>(
  db: Db,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection: Connection & { getTransactionStatus(): string | null } =
    await db.client.acquireConnection();
  let isIdle = false;
  try {
    const result = await use(connection);
    isIdle = connection.getTransactionStatus() === "I";
    return result;
  } finally {
    // What failed may still have statements under way, that of its beginning too: the status says nothing of them. A
    // connection that died cannot roll back, and need not: the pool drops it.
    if (!isIdle) await connection.query("rollback").catch(() => {});
    await db.client.releaseConnection(connection);
  }
}

const OLDEST = 150_000;

/** Throws, with what to do, unless the server is one that Florin can keep its promises on. */
export async function checkServer(db: Db): Promise<void> {
  const { rows } = await db.raw(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as version, current_setting('server_encoding') as encoding",
  );
  const { number, version, encoding } = rows[0];
  if (number < OLDEST) {
    throw new Error(`PostgreSQL ${version} is too old: Florin needs version 15 or newer.`);
  }
  if (encoding !== "UTF8") {
    throw new Error(
      `The database is encoded in ${encoding}: create one with "encoding 'UTF8' template template0".`,
    );
  }
}
