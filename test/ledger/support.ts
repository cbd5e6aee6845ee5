import { expect, onTestFinished } from "vitest";
import type { Db } from "../../src/db/database.js";
import { type Command, hashRequest, type Request } from "../../src/ledger/domain/command.js";
import type { Metadata } from "../../src/ledger/domain/metadata.js";
import type { Posting } from "../../src/ledger/domain/posting.js";
import { createLedger, type Ledger, type LedgerOptions } from "../../src/ledger/ledger.js";
import { verifyLedger } from "../../src/ledger/verifyLedger.js";
import type { Clock } from "../../src/lib/time.js";
import { testDb } from "../support/database.js";
import { keptLogger } from "../support/evidence.js";

/** 2023-07-10T12:00:00Z. */
export const NOW = 1_688_990_400_000_000n;

export const fixedClock: Clock = () => NOW;

/** Ledgers in a database of this test's own, closed and found sound when the test is over. */
export async function testLedger(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  const db = options.db ?? (await testDb());
  const ledger = createLedger({
    db,
    clock: fixedClock,
    logger: keptLogger(),
    allowPastTimestamps: false,
    ...options,
  });
  onTestFinished(async () => {
    await ledger.close();
    await expectSound(db);
  });
  return ledger;
}

/** That every ledger of `db` holds what its logs say, and nothing else. */
export async function expectSound(db: Db): Promise<void> {
  const names: string[] = await db("ledgers").pluck("name");
  for (const name of names) {
    for await (const message of verifyLedger(db, name)) {
      if (message.kind === "verdict") expect(message.problem, `ledger ${name}`).toBeNull();
    }
  }
}

/** "a > b 100 USD/2" */
export function posting(text: string): Posting {
  const [source = "", , destination = "", amount = "", asset = ""] = text.split(" ");
  return { source, destination, amount: BigInt(amount), asset };
}

interface Extras {
  readonly reference?: string;
  readonly metadata?: Metadata;
  readonly timestamp?: bigint;
  readonly key?: string;
  readonly isPreview?: boolean;
}

/** A request for one transaction: its postings as "a > b 100 USD/2". */
export function transaction(postings: string | string[], extras: Extras = {}): Request {
  const { reference = null, metadata = {}, timestamp = null } = extras;
  const parsed = [postings].flat().map(posting);
  const transactions = [{ postings: parsed, reference, metadata, timestamp }];
  return request({ kind: "create-transactions", transactions }, extras);
}

export function request(command: Command, { key, isPreview = false }: Extras = {}): Request {
  const idempotency =
    key === undefined ? null : { key, requestHash: hashRequest(command, isPreview) };
  return { command, isPreview, idempotency, actor: "tester" };
}
