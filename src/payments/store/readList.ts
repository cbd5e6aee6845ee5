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
export async function readList<Row>(
  db: Db,
  { table, columns, where = {} }: Source,
  steps: readonly Step[],
  position: Position | null,
  limit: number,
): Promise<Listed<Row>[]> {
  const isUpwards = position !== null && "from" in position;
  const key = steps.map(({ by }) => `${by.column}::text`).join();
  const order = steps.map(({ by, isUp }) => ({
    column: by.column,
    order: isUp === isUpwards ? "desc" : "asc",
  }));
  const read = (range: Range | null, most: number): Promise<Listed<Row>[]> =>
    db(table)
      .select(columns)
      .select(db.raw(`array[${key}] as key`))
      .where(where)
      .modify((query) => range && query.whereRaw(...range))
      .orderBy(order)
      .limit(most) as unknown as Promise<Listed<Row>[]>;

  if (position === null) return read(null, limit);
  const values = readKey("from" in position ? position.from : position.below);
  const rows: Listed<Row>[] = [];
  for (const range of rangesBeyond(steps, values, isUpwards)) {
    if (rows.length < limit) rows.push(...(await read(range, limit - rows.length)));
  }
  return rows;
}

/** A condition in SQL, and its values. */
type Range = readonly [sql: string, values: string[]];

/**
 * What lies behind `values` in the order of `steps`, upwards before them or on them, the nearest first: each a range of
 * an index with that order, where their directions together would be none.
 */
function rangesBeyond(
  steps: readonly Step[],
  values: readonly string[],
  isUpwards: boolean,
): Range[] {
  const place = ({ by }: Step) => `?::text::${by.type}`;
  let end = steps.length;
  return inOneDirection(steps)
    .toReversed()
    .map((run): Range => {
      const isLast = end === steps.length;
      const before = steps.slice(0, end - run.length);
      const operator = `${run[0]?.isUp === isUpwards ? "<" : ">"}${isUpwards && isLast ? "=" : ""}`;
      const columns = run.map(({ by }) => by.column).join();
      const equal = before.map((step) => `${step.by.column} = ${place(step)}`);
      const sql = [...equal, `(${columns}) ${operator} (${run.map(place).join()})`].join(" and ");
      const range: Range = [sql, values.slice(0, end)];
      end = before.length;
      return range;
    });
}

/** `steps`, parted where the direction changes. */
function inOneDirection(steps: readonly Step[]): Step[][] {
  const runs: Step[][] = [];
  for (const step of steps) {
    const run = runs.at(-1);
    if (run?.[0]?.isUp === step.isUp) run.push(step);
    else runs.push([step]);
  }
  return runs;
}
