import { loadConfig } from "../config.js";
import { type ExpectedLog, verifyLedger } from "../ledger/verifyLedger.js";
import { undoable } from "../lib/undoable.js";
import { createLogger } from "../logger.js";
import { startDatabase } from "../startDatabase.js";

/** Verifies one ledger and prints the verdict; the exit code is 1 if something does not hold. */
export async function verify(
  ledger: string,
  { expect }: { readonly expect?: string },
): Promise<void> {
  const expected = expect === undefined ? null : parseExpected(expect);
  const config = loadConfig(process.env);
  const { value: db, stop } = await undoable((onStop) =>
    startDatabase(config, createLogger(config), onStop),
  );
  try {
    for await (const step of verifyLedger(db, ledger, expected)) {
      if (step.kind === "progress") console.error(`${step.checked} of ${step.total} logs`);
      else if (step.problem !== null) {
        console.log(`${ledger} is not sound: ${step.problem}`);
        process.exitCode = 1;
      } else if (step.lastHash === null) {
        console.log(`${ledger} is empty: nothing was ever written to it`);
      } else {
        console.log(`${ledger} is sound: ${step.checked} logs, the last hash is ${step.lastHash}`);
      }
    }
  } finally {
    await stop();
  }
}

function parseExpected(text: string): ExpectedLog {
  const [, id, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (id === undefined || hash === undefined) {
    throw new Error("--expect takes the id of a log, a colon and its hash of 64 hex digits.");
  }
  return { id: BigInt(id), hash };
}
