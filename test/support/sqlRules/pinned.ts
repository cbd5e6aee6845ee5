import type { A_Expr, JoinExpr, Node, RangeVar } from "libpg-query";
import { all, as, names } from "./syntax.js";

/** "These two are equal", stated by a condition that holds for every row. */
export type Equality = readonly [Node | undefined, Node | undefined];

/** A table in a query, and the columns that tell its ledger: each of them does. */
export interface Table {
  readonly alias: string;
  readonly key: readonly string[];
}

/** The tables that are held to one ledger: their key equals a value, or the key of a table that is held. */
export function pinned(
  tables: readonly Table[],
  equalities: readonly Equality[],
): ReadonlySet<string> {
  const held = new Set<string>();
  const keyedBy = (node: Node | undefined): readonly Table[] => {
    const { column, table } = columnOf(node);
    return tables.filter((it) => it.key.includes(column) && (table ?? it.alias) === it.alias);
  };
  const isHeld = (node: Node | undefined): boolean => {
    const { table } = columnOf(node);
    const sources = [...keyedBy(node), ...tables.filter(({ alias }) => alias === table)];
    return node !== undefined && sources.every(({ alias }) => held.has(alias));
  };
  for (let before = -1; held.size > before; ) {
    before = held.size;
    for (const [one, other] of equalities) {
      if (isHeld(other)) for (const { alias } of keyedBy(one)) held.add(alias);
      if (isHeld(one)) for (const { alias } of keyedBy(other)) held.add(alias);
    }
  }
  return held;
}

/** A column as it is written: `table` may be left out. Neither of them, if `node` is no column. */
function columnOf(node: Node | undefined): { column: string; table: string | undefined } {
  const [column = "", table] = names(as(node, "ColumnRef")?.fields).reverse();
  return { column, table };
}

/** What `where`, and the joins of `from`, demand to be equal. */
export const equalities = (where: Node | undefined, from: readonly Node[]): Equality[] => [
  ...demands(where),
  ...from.flatMap((node): Equality[] => {
    const join = as(node, "JoinExpr");
    if (join === undefined) return [];
    const sides = [join.larg, join.rarg].filter((side) => side !== undefined);
    return [...demands(join.quals), ...usingLedger(join), ...equalities(undefined, sides)];
  }),
];

/** `using (ledger)` says that the column is equal in all tables of the join. */
function usingLedger(join: JoinExpr): Equality[] {
  if (!names(join.usingClause).includes("ledger")) return [];
  const [first, ...others] = [...all(join, "RangeVar")].map(ledgerColumn);
  return others.map((other) => [first, other]);
}

const ledgerColumn = ({ relname = "", alias }: RangeVar): Node => ({
  ColumnRef: {
    fields: [alias?.aliasname ?? relname, "ledger"].map((sval) => ({ String: { sval } })),
  },
});

/** `a and b` demands both; `a or b` neither. */
function demands(condition: Node | undefined): Equality[] {
  const bool = as(condition, "BoolExpr");
  if (bool?.boolop === "AND_EXPR") return (bool.args ?? []).flatMap(demands);
  const sublink = as(condition, "SubLink");
  if (sublink?.subLinkType === "ANY_SUBLINK" && sublink.operName === undefined) {
    return parts(sublink.testexpr).map((part) => [part, sublink.subselect]);
  }
  const expression = as(condition, "A_Expr");
  return expression ? comparison(expression) : [];
}

/** `a = b`, `(a, b) = (c, d)`, `a = any(b)`, `(a, b) in (…)`. */
function comparison({ kind, name, lexpr, rexpr }: A_Expr): Equality[] {
  if (names(name).join() !== "=") return [];
  const left = parts(lexpr);
  const right = parts(rexpr);
  const pairwise = kind === "AEXPR_OP" && left.length === right.length;
  return left.map((part, index) => [part, pairwise ? right[index] : rexpr]);
}

const parts = (node: Node | undefined): (Node | undefined)[] => as(node, "RowExpr")?.args ?? [node];
