import { loadConfig } from "../config.js";
import { undoable } from "../lib/undoable.js";
import { createLogger } from "../logger.js";
import { startDatabase } from "../startDatabase.js";

/** Migrates and stops: for those who do this apart from the start. */
export async function migrateOnly(): Promise<void> {
  const config = loadConfig(process.env);
  const { stop } = await undoable((onStop) => startDatabase(config, createLogger(config), onStop));
  await stop();
  console.log("The database has this version's schema.");
}
