import type { DeleteStmt, InsertStmt, Node, RangeVar, SelectStmt, UpdateStmt } from "libpg-query";
import { FIND_DUE, FIND_WORK, MEASURE } from "../../../src/events/store/discovery.js";
import { equalities, pinned } from "./pinned.js";
import { all, as, names, parse } from "./syntax.js";
import { HEAD } from "./tables.js";

/** What breaks the rules for ledger tables in a statement that reads or writes. */
export function checkStatement(sql: string, ledgerTables: ReadonlySet<string>): string[] {
  if (EXCEPTIONS.has(sql.trim())) return [];
  const tree = parse(sql);
  const ctes = new Set([...all(tree, "CommonTableExpr")].map(({ ctename }) => ctename));
  const tables = new Set([...ledgerTables, HEAD].filter((name) => !ctes.has(name)));
  return [
    ...queriesIn(tree).flatMap((query) => checkQuery(query, tables)),
    ...[...all(tree, "InsertStmt")].flatMap((insert) => checkInsert(insert, tables)),
    ...tree.flatMap((statement) => checkWhole(statement, tables)),
    ...[...all(tree, "FuncCall")]
      .map(({ funcname }) => names(funcname).at(-1) ?? "")
      .filter((name) => /^(pg_(try_)?advisory_|pg_notify$|nextval$|setval$)/.test(name))
      .map((name) => `${name}: no correctness may rest on it`),
  ];
}

/** Statements that may do what the rules forbid, and why. */
const EXCEPTIONS = new Map([
  ["select pg_try_advisory_lock_shared($1) as taken", "seats at the embedded database"],
  ["select pg_advisory_unlock_shared($1)", "seats at the embedded database"],
  ["select pg_try_advisory_lock($1) as last", "seats at the embedded database"],
  ...[FIND_WORK, FIND_DUE, MEASURE].map((sql) => [sql.trim(), "ledgers with events"] as const),
]);

/** A query with tables of its own: statements, subqueries, and the two sides of a union. */
type Query = Partial<SelectStmt & UpdateStmt & DeleteStmt>;

function queriesIn(tree: unknown): Query[] {
  const sides = (select: SelectStmt): SelectStmt[] =>
    select.larg && select.rarg ? [...sides(select.larg), ...sides(select.rarg)] : [select];
  return [
    ...[...all(tree, "SelectStmt")].flatMap(sides),
    ...all(tree, "UpdateStmt"),
    ...all(tree, "DeleteStmt"),
  ];
}

/** Each ledger table of the query is held to one ledger, by its conditions. */
function checkQuery(query: Query, ledgerTables: ReadonlySet<string>): string[] {
  const { relation, fromClause = [], usingClause = [] } = query;
  const from: Node[] = [...fromClause, ...usingClause];
  if (relation) from.push({ RangeVar: relation });
  const tables = from
    .flatMap(tablesOf)
    .filter(({ table }) => ledgerTables.has(table))
    .map(({ table, alias }) => ({ alias, key: table === HEAD ? ["id", "name"] : ["ledger"] }));
  // The list of ledgers.
  if (!relation && tables.every(({ key }) => key.length > 1)) return [];
  const held = pinned(tables, equalities(query.whereClause, from));
  return tables
    .filter(({ alias }) => !held.has(alias))
    .map(({ alias }) => `${alias} is not held to one ledger`);
}

function tablesOf(node: Node): { table: string; alias: string }[] {
  const join = as(node, "JoinExpr");
  if (join) return [join.larg, join.rarg].flatMap((side) => (side ? tablesOf(side) : []));
  const { relname: table, alias } = as(node, "RangeVar") ?? {};
  return table === undefined ? [] : [{ table, alias: alias?.aliasname ?? table }];
}

function checkInsert(insert: InsertStmt, ledgerTables: ReadonlySet<string>): string[] {
  const table = insert.relation?.relname ?? "";
  if (table === HEAD || !ledgerTables.has(table)) return [];
  const columns = (insert.cols ?? []).map((column) => as(column, "ResTarget")?.name);
  const target = insert.onConflictClause?.infer?.indexElems;
  const conflict = target?.map((element) => as(element, "IndexElem")?.name);
  return [
    ...(columns.includes("ledger") ? [] : [`insert into ${table} does not name ledger`]),
    ...(conflict && !conflict.includes("ledger")
      ? [`on conflict (${conflict}) of ${table} does not name ledger`]
      : []),
  ];
}

/** Statements that take a table as a whole, or another process's word. */
function checkWhole(statement: Node, ledgerTables: ReadonlySet<string>): string[] {
  const [[kind, body] = ["", {}]] = Object.entries(statement);
  if (kind === "ListenStmt" || kind === "NotifyStmt") {
    return [`${kind}: no correctness may rest on it`];
  }
  if (!["TruncateStmt", "CopyStmt", "LockStmt", "MergeStmt"].includes(kind)) return [];
  const { relation } = body as { relation?: RangeVar };
  const tables = [relation, ...all(statement, "RangeVar")].flatMap((it) => it?.relname ?? []);
  return tables.filter((it) => ledgerTables.has(it)).map((it) => `${kind} on ${it}`);
}
