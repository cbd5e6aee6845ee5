import type { ColumnDef, Constraint, Node } from "libpg-query";
import { all, as, names, parse } from "./syntax.js";

/** The one table whose key is not (ledger, …): it is where ledgers get their integer ids. */
export const HEAD = "ledgers";

/** Tables that belong to ledgers: those with a column of that name. */
export function ledgerTablesOf(statements: readonly string[]): Set<string> {
  const tables = statements
    .flatMap((sql) => parse(sql))
    .flatMap((statement) => [...all(statement, "CreateStmt")])
    .filter(({ tableElts }) => columnsOf(tableElts).some(({ colname }) => colname === "ledger"));
  return new Set(tables.flatMap(({ relation }) => relation?.relname ?? []));
}

/**
 * What breaks the rules for ledger tables in a statement that changes the schema: their keys and indexes begin with
 * the ledger, their numbers come from its row in `ledgers`, and nothing happens behind a statement's back.
 */
export function checkSchema(sql: string, ledgerTables: ReadonlySet<string>): string[] {
  return parse(sql).flatMap((statement) => {
    const create = as(statement, "CreateStmt");
    const alter = as(statement, "AlterTableStmt");
    const index = as(statement, "IndexStmt");
    const trigger = as(statement, "CreateTrigStmt");
    if (create) {
      return checkTable(create.relation?.relname, create.tableElts ?? [], ledgerTables, true);
    }
    if (alter) {
      const added = (alter.cmds ?? []).flatMap((cmd) => as(cmd, "AlterTableCmd")?.def ?? []);
      return checkTable(alter.relation?.relname, added, ledgerTables, false);
    }
    if (index && ledgerTables.has(index.relation?.relname ?? "")) {
      const [first] = index.indexParams ?? [];
      const begins = as(first, "IndexElem")?.name === "ledger";
      return begins ? [] : [`index ${index.idxname} does not begin with ledger`];
    }
    if (trigger && isOfLedgers(trigger.relation?.relname, ledgerTables)) {
      return [`trigger ${trigger.trigname} is on a ledger table`];
    }
    if (as(statement, "CreateSeqStmt")) return ["a sequence: numbers come from the head"];
    return [];
  });
}

const isOfLedgers = (table: string | undefined, ledgerTables: ReadonlySet<string>): boolean =>
  table === HEAD || ledgerTables.has(table ?? "");

const columnsOf = (elements: readonly Node[] | undefined): ColumnDef[] =>
  (elements ?? []).flatMap((element) => as(element, "ColumnDef") ?? []);

function checkTable(
  table: string | undefined,
  elements: readonly Node[],
  ledgerTables: ReadonlySet<string>,
  isNew: boolean,
): string[] {
  if (!isOfLedgers(table, ledgerTables)) return [];
  const counters = columnsOf(elements)
    .filter(isCounter)
    .map(({ colname }) => `${table}.${colname} counts by a sequence`);
  if (table === HEAD) return counters;
  const keys = [
    ...elements.flatMap((element) => keyOf(as(element, "Constraint"))),
    ...columnsOf(elements).flatMap(({ colname = "", constraints }) =>
      (constraints ?? []).flatMap((node) => keyOf(as(node, "Constraint"), colname)),
    ),
  ];
  const wrong = keys
    .filter(({ columns }) => columns[0] !== "ledger")
    .map(({ kind, columns }) => `${kind} (${columns}) of ${table} does not begin with ledger`);
  const hasKey = !isNew || keys.some(({ kind }) => kind === "primary key");
  return [...counters, ...wrong, ...(hasKey ? [] : [`${table} has no primary key`])];
}

const isCounter = ({ typeName, constraints }: ColumnDef): boolean =>
  /serial/.test(names(typeName?.names).join()) ||
  [...all(constraints, "Constraint")].some(({ contype }) => contype === "CONSTR_IDENTITY") ||
  [...all(constraints, "FuncCall")].some(({ funcname }) => names(funcname).includes("nextval"));

/** The columns that a constraint makes a key of; of its own column, if it stands beside one. */
function keyOf(
  constraint: Constraint | undefined,
  column?: string,
): { kind: string; columns: string[] }[] {
  const kind = KEYS.get(constraint?.contype ?? "");
  if (constraint === undefined || kind === undefined) return [];
  const columns = names(constraint.keys ?? constraint.fk_attrs);
  return [{ kind, columns: columns.length > 0 ? columns : [column ?? ""] }];
}

const KEYS = new Map<string, string>([
  ["CONSTR_PRIMARY", "primary key"],
  ["CONSTR_UNIQUE", "unique"],
  ["CONSTR_FOREIGN", "foreign key"],
  ["CONSTR_EXCLUSION", "exclusion"],
]);
