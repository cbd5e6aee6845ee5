import { pino } from "pino";
import { type Db, openDatabase } from "../../../src/db/database.js";
import { createLedger, type Ledger } from "../../../src/ledger/ledger.js";
import { testDatabaseUrl } from "../../support/database.js";
import { clientOf, type LedgerClient } from "../client.js";
import { databaseProxy, type Fate } from "../databaseProxy.js";
import { expectSound, fixedClock } from "../support.js";

/** Ledgers in a process that can be made to crash. */
export interface Crashable {
  readonly client: LedgerClient;
  /** Lets something befall the next commit. */
  strike(fate: Fate): void;
  /** The process is gone from one moment to the next, whatever it was about to write or to answer; another takes over. */
  crash(): Promise<void>;
  /** Finds the ledgers sound, and lets go of them. */
  end(): Promise<void>;
}

export async function crashable(): Promise<Crashable> {
  const url = await testDatabaseUrl();
  const all = [await startProcess(url)];
  const alive = () => all[all.length - 1] as Process;
  return {
    get client() {
      return alive().client;
    },
    strike: (fate) => alive().strike(fate),
    async crash() {
      alive().cut();
      all.push(await startProcess(url));
    },
    async end() {
      for (const each of all) await each.ledger.close();
      await expectSound(alive().db);
      for (const each of all) await each.db.destroy();
    },
  };
}

interface Process {
  readonly db: Db;
  readonly ledger: Ledger;
  readonly client: LedgerClient;
  strike(fate: Fate): void;
  cut(): void;
}

/** Enough to find out what became of a commit; a process that is cut off lives on for that long. */
const PATIENCE_MS = 300;

async function startProcess(url: string): Promise<Process> {
  const { cut, strike, url: struck } = await databaseProxy(url);
  const db = openDatabase({ url: struck, poolSize: 5 });
  const ledger = createLedger({
    db,
    clock: fixedClock,
    logger: pino({ level: "silent" }),
    allowPastTimestamps: false,
    limits: { patienceMs: PATIENCE_MS },
  });
  return { db, ledger, client: clientOf(ledger), strike, cut };
}
