import type { Logger } from "pino";
import type { Config } from "./config.js";
import { checkServer, type Db, openDatabase } from "./db/database.js";
import { startEmbedded } from "./db/embedded/startEmbedded.js";
import { migrate } from "./db/migrate.js";
import type { OnStop } from "./lib/undoable.js";

export interface Pools {
  readonly db: Db;
  /** Connections that no read can take: for writes to ledgers, and for what every call waits for. */
  readonly reserved: Db;
}

/** Of the connections, one in so many is reserved. */
const SHARE = 3;

/**
 * How long a batch may hold a connection while it waits for a ledger that another process writes to, or an import: then
 * it lets others go first.
 */
const LOCK_TIMEOUT_MS = 2_000;

/** The database of `config`, started where it is ours to start, and brought to this program's schema. */
export async function startPools(config: Config, logger: Logger, onStop: OnStop): Promise<Pools> {
  const { databaseUrl, dataDir, databasePoolSize } = config;
  let url = databaseUrl;
  if (url === null) {
    const embedded = await startEmbedded({ dataDir, logger });
    onStop(embedded.stop);
    url = embedded.url;
  }
  const share = Math.ceil(databasePoolSize / SHARE);
  const db = openDatabase({ url, poolSize: databasePoolSize - share });
  onStop(() => db.destroy());
  await checkServer(db);
  await migrate(db);
  const reserved = openDatabase({ url, poolSize: share, lockTimeoutMs: LOCK_TIMEOUT_MS });
  onStop(() => reserved.destroy());
  return { db, reserved };
}

/** As `startPools`, for programs that do one thing at a time. */
export const startDatabase = async (config: Config, logger: Logger, onStop: OnStop): Promise<Db> =>
  (await startPools(config, logger, onStop)).db;
