import { pino } from "pino";
import type { Db } from "../src/db/database.js";
import type { Pattern } from "../src/ledger/domain/pattern.js";
import type { TransactionFilter } from "../src/ledger/domain/query.js";
import { getTransaction } from "../src/ledger/getTransaction.js";
import { createLedger } from "../src/ledger/ledger.js";
import { listAccounts } from "../src/ledger/listAccounts.js";
import { listBalances } from "../src/ledger/listBalances.js";
import { listTransactions } from "../src/ledger/listTransactions.js";
import { systemClock } from "../src/lib/time.js";

/** The statements of the common reads of a ledger, each with its plan as it was carried out. */
export async function explainReads(db: Db, name: string, account: string): Promise<string> {
  await db.raw("analyze");
  const ledger = createLedger({
    db,
    clock: systemClock,
    logger: pino({ level: "silent" }),
    allowPastTimestamps: false,
  });
  const slice = { pageSize: 15, position: null };
  const any: TransactionFilter = {
    reference: null,
    account: null,
    source: null,
    destination: null,
    startTime: null,
    endTime: null,
    metadata: {},
  };
  const prefix: Pattern = { kind: "regex", regex: `^(?:${account.slice(0, 10)}.*)$` };
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    "Transactions of one account": () =>
      listTransactions(
        ledger,
        name,
        { ...any, account: { kind: "address", address: account } },
        slice,
      ),
    "Accounts by prefix": () =>
      listAccounts(ledger, name, { address: prefix, metadata: {}, balance: null }, slice),
    "Newest transactions": () => listTransactions(ledger, name, any, slice),
    "One transaction": () => getTransaction(ledger, name, 1000n),
    "Page of balances": () => listBalances(ledger, name, null, slice),
  };
  const texts: string[] = [];
  for (const [title, read] of Object.entries(reads)) {
    texts.push(`### ${title}\n\n${(await explain(db, read)).join("\n")}`);
  }
  await ledger.close();
  return texts.join("\n");
}

/** Each statement that `read` sends to the ledger's tables, and its plan. */
async function explain(db: Db, read: () => Promise<unknown>): Promise<string[]> {
  const sent: { readonly sql: string; readonly bindings: readonly unknown[] }[] = [];
  const listen = (query: { sql: string; bindings?: readonly unknown[] }) =>
    sent.push({ sql: query.sql, bindings: query.bindings ?? [] });
  db.on("query", listen);
  await read();
  db.removeListener("query", listen);
  const plans: string[] = [];
  for (const { sql, bindings } of sent.filter(({ sql }) => sql.startsWith("select"))) {
    const statement = sql.replaceAll(/\$\d+/g, "?");
    const { rows } = await db.raw(
      `explain (analyze, costs off, buffers off, summary off) ${statement}`,
      bindings as never,
    );
    const plan = rows.map((row: Record<string, string>) => row["QUERY PLAN"]);
    plans.push(`\`\`\`\n${sql}\n\n${plan.join("\n")}\n\`\`\`\n`);
  }
  return plans;
}
