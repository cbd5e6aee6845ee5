import { create } from "@bufbuild/protobuf";
import {
  type ImportLogsRequest,
  ImportLogsRequestSchema,
} from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { loadConfig } from "../../config.js";
import { toImport } from "../../ledger/convertImport.js";
import { isLedgerName } from "../../ledger/domain/names.js";
import { createImport, type ImportFailure } from "../../ledger/importLogs.js";
import { undoable } from "../../lib/undoable.js";
import { createLogger } from "../../logger.js";
import { startDatabase } from "../../startDatabase.js";
import { readLog } from "./readLog.js";
import { openSource, type Source } from "./source.js";

interface ImportOptions {
  readonly from: string;
  readonly as?: string;
}

/** Fills a ledger of ours with the logs of `name` at another server of the published API: all of them, or none. */
export async function importLedger(name: string, { from, as = name }: ImportOptions) {
  if (!isLedgerName(as))
    throw new Error(`${JSON.stringify(as)} cannot name a ledger here: --as <ledger>`);
  const source = openSource(from, name, process.env["SOURCE_TOKEN"]);
  const config = loadConfig(process.env);
  const { value: db, stop } = await undoable((onStop) =>
    startDatabase(config, createLogger(config), onStop),
  );
  try {
    const count = await source.count();
    if (count === 0n) throw new Error(`${name} has no logs there: there is nothing to import.`);
    const { logs } = await toImport(requests(as, source, count), null);
    const imported = await createImport({ db })(as, logs, new AbortController().signal);
    if (!imported.ok) throw new Error(`Nothing was imported: ${whyNot(imported.failure)}`);
    const { transactions, lastHash } = imported.value;
    console.log(`${as} holds ${count} logs and ${transactions} transactions, and its chain holds.`);
    console.log(`The last hash is ${lastHash}`);
    const contracts = await source.countContracts();
    if (contracts > 0) {
      console.log(`Its mapping, of ${contracts} contracts, is in no log: copy it by hand.`);
    }
  } finally {
    await stop();
  }
}

async function* requests(
  ledger: string,
  source: Source,
  count: bigint,
): AsyncGenerator<ImportLogsRequest> {
  let next = 0n;
  for await (const json of source.logs(count)) {
    try {
      yield create(ImportLogsRequestSchema, { ledger, log: readLog(json) });
    } catch (error) {
      throw new Error(`Nothing was imported: log ${next}: ${(error as Error).message}`);
    }
    next++;
    if (next % 1000n === 0n || next === count) console.error(`${next} of ${count} logs`);
  }
  if (next < count)
    throw new Error(`Nothing was imported: the source answered ${next} of its ${count} logs.`);
}

function whyNot(failure: ImportFailure): string {
  switch (failure.kind) {
    case "ledger-not-empty":
      return `the ledger ${failure.ledger} has been written to. Import under another name: --as <ledger>`;
    case "invalid-log":
      return `log ${failure.log}: ${failure.problem}`;
    case "import-stalled":
      return `the source gave no log for ${failure.timeoutMs / 1000} seconds`;
    case "long-jobs-full":
      return "DATABASE_POOL_SIZE leaves no connection for it";
  }
}
