import type { Logger } from "pino";
import type { Config } from "./config.js";
import { checkServer, type Db, openDatabase } from "./db/database.js";
import { startEmbedded } from "./db/embedded/startEmbedded.js";
import { migrate } from "./db/migrate.js";
import type { OnStop } from "./lib/undoable.js";

/** The database of `config`, started where it is ours to start, and brought to this program's schema. */
export async function startDatabase(config: Config, logger: Logger, onStop: OnStop): Promise<Db> {
  const { databaseUrl, dataDir, databasePoolSize: poolSize } = config;
  let url = databaseUrl;
  if (url === null) {
    const embedded = await startEmbedded({ dataDir, logger });
    onStop(embedded.stop);
    url = embedded.url;
  }
  const db = openDatabase({ url, poolSize });
  onStop(() => db.destroy());
  await checkServer(db);
  await migrate(db);
  return db;
}
