import { recordedStatements } from "../statements.js";
import { checkStatement } from "./statements.js";
import { checkSchema, ledgerTablesOf } from "./tables.js";

/** The statements that a run recorded in `file` and that break rules for ledger tables, with these rules. */
export function brokenRules(file: string): string[] {
  const statements = [...recordedStatements(file)];
  const tables = ledgerTablesOf(statements);
  return statements
    .filter((sql) => !sql.startsWith(TEST))
    .map((sql) => ({ sql, broken: [...checkSchema(sql, tables), ...checkStatement(sql, tables)] }))
    .filter(({ broken }) => broken.length > 0)
    .map(({ sql, broken }) => `${sql.trim()}\n${broken.map((it) => `  -- ${it}`).join("\n")}`);
}

/** How a test begins a statement that means to look across ledgers. */
const TEST = "/* test */";
