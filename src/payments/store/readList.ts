import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import { readKey, type Step } from "../domain/listing.js";

/** An item of a list, and where it stands in its order. */
export type Listed<Row> = Row & {
  /** Its values, one for each step. */
  readonly key: string[];
};

interface Source {
  readonly table: string;
  /** Columns by their name in the row. */
  readonly columns: Readonly<Record<string, string>>;
  readonly where?: Readonly<Record<string, string>>;
}

/** Up to `limit` rows from `position` on, the nearest first: downwards those after it, upwards from itself on. */
export function readList<Row>(
  db: Db,
  { table, columns, where = {} }: Source,
  steps: readonly Step[],
  position: Position | null,
  limit: number,
): Promise<Listed<Row>[]> {
  const isUpwards = position !== null && "from" in position;
  const key = steps.map(({ by }) => `${by.column}::text`).join();
  const query = db(table)
    .select(columns)
    .select(db.raw(`array[${key}] as key`))
    .where(where)
    .orderBy(
      steps.map(({ by, isUp }) => ({
        column: by.column,
        order: isUp === isUpwards ? "desc" : "asc",
      })),
    )
    .limit(limit);
  if (position !== null) {
    const values = readKey("from" in position ? position.from : position.below);
    query.where((builder) => builder.whereRaw(...beyond(steps, values, isUpwards)));
  }
  return query as unknown as Promise<Listed<Row>[]>;
}

/** The condition that a row lies behind `values` in the order of `steps`; upwards, before them, or on them. */
function beyond(
  steps: readonly Step[],
  values: readonly string[],
  isUpwards: boolean,
): [sql: string, values: string[]] {
  const [first] = steps;
  const place = ({ by }: Step) => `?::text::${by.type}`;
  if (steps.every(({ isUp }) => isUp === first?.isUp)) {
    const operator = `${first?.isUp === isUpwards ? "<" : ">"}${isUpwards ? "=" : ""}`;
    const columns = steps.map(({ by }) => by.column).join();
    return [`(${columns}) ${operator} (${steps.map(place).join()})`, [...values]];
  }
  // One after the other: equal up to some step, and beyond in that one.
  const cases = steps.map((step, index) => {
    const isLast = index === steps.length - 1;
    const operator = `${step.isUp === isUpwards ? "<" : ">"}${isUpwards && isLast ? "=" : ""}`;
    const equal = steps.slice(0, index).map((it) => `${it.by.column} = ${place(it)}`);
    return [...equal, `${step.by.column} ${operator} ${place(step)}`].join(" and ");
  });
  const bound = steps[0] as Step;
  const reach = `${bound.by.column} ${bound.isUp === isUpwards ? "<=" : ">="} ${place(bound)}`;
  const bindings = cases.flatMap((_, index) => values.slice(0, index + 1));
  return [`${reach} and (${cases.join(" or ")})`, [values[0] ?? "", ...bindings]];
}
