import { randomBytes } from "node:crypto";
import { inject, onTestFinished } from "vitest";
import { type Db, openDatabase, withConnection } from "../../src/db/database.js";
import { withDatabase } from "./globalSetup.js";
import { recordStatements } from "./statements.js";

recordStatements(inject("statements"));

const POOL_SIZE = 10;

/** A migrated database of this test's own, all its connections open: on a cold pool nothing races. */
export async function testDb(): Promise<Db> {
  const db = openDatabase({ url: await testDatabaseUrl(), poolSize: POOL_SIZE });
  onTestFinished(() => db.destroy());
  await openWholePool(db);
  return db;
}

/** The URL of a migrated database of this test's own. Dropped when the test is over, whoever is connected. */
export async function testDatabaseUrl(): Promise<string> {
  const name = `${inject("template")}_${randomBytes(6).toString("hex")}`;
  // By default the server would write each page to its log, too.
  await admin(`create database ${name} template ${inject("template")} strategy file_copy`);
  onTestFinished(() => admin(`drop database ${name} with (force)`));
  return withDatabase(inject("adminUrl"), name);
}

/** The URL of an empty database of this test's own: nothing migrated. */
export async function emptyDatabaseUrl(): Promise<string> {
  const name = `${inject("template")}_${randomBytes(6).toString("hex")}`;
  await admin(`create database ${name} template template0`);
  onTestFinished(() => admin(`drop database ${name} with (force)`));
  return withDatabase(inject("adminUrl"), name);
}

/** Its connections are kept from test to test. */
const server = openDatabase({ url: inject("adminUrl"), poolSize: 4 });

async function admin(statement: string): Promise<void> {
  await server.raw(statement);
}

/** Each connection is held until all are open. */
async function openWholePool(db: Db): Promise<void> {
  let waiting = POOL_SIZE;
  let allOpen = () => {};
  const gate = new Promise<void>((resolve) => {
    allOpen = resolve;
  });
  const hold = () =>
    withConnection(db, async () => {
      if (--waiting === 0) allOpen();
      await gate;
    });
  await Promise.all(Array.from({ length: POOL_SIZE }, hold));
}
