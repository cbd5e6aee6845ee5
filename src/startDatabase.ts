import type { Logger } from "pino";
import type { Config } from "./config.js";
import { checkServer, type Db, openDatabase } from "./db/database.js";
import { startEmbedded } from "./db/embedded/startEmbedded.js";
import { migrate } from "./db/migrate.js";

/** Takes what will undo a step of the start; the stop runs them in reverse. */
export type OnStop = (undo: () => Promise<unknown>) => void;

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

/** Runs `use`, which may leave things to be undone; they are undone if it throws, and else by what it answers. */
export async function undoable<T>(
  use: (onStop: OnStop) => Promise<T>,
): Promise<{ value: T; stop(): Promise<void> }> {
  const undos: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const undo of undos.splice(0).reverse()) await undo();
  };
  try {
    return { value: await use((undo) => undos.push(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
