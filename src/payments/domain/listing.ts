import { z } from "zod";
import { MAX_PAGE, type Position } from "../../lib/page.js";
import { fail, ok, type Result } from "../../lib/result.js";
import { formatInstant, type Micros, parseInstant } from "../../lib/time.js";

/** What a list can be sorted by: a column, by the names that callers have for it. */
export interface SortColumn {
  readonly column: string;
  readonly names: readonly string[];
  readonly type: keyof typeof TEXT_OF;
}

/** A list that callers page through. Items are told apart by the column `id`. */
export interface Listing {
  readonly of: string;
  /** The first is its date: what it is sorted by, downwards, where the caller wants nothing else. */
  readonly columns: readonly SortColumn[];
  readonly id: SortColumn;
}

const text = (name: string): SortColumn => ({ column: name, names: [name], type: "text" });
const date: SortColumn = {
  column: "created_at",
  names: ["date", "createdAt"],
  type: "timestamptz",
};
const uuid: SortColumn = { column: "id", names: [], type: "uuid" };

export const PAYMENTS: Listing = {
  of: "payments",
  columns: [
    date,
    ...["status", "type", "scheme", "asset", "reference", "provider"].map(text),
    { column: "amount", names: ["amount"], type: "numeric" },
    { column: "initial_amount", names: ["initialAmount"], type: "numeric" },
  ],
  id: { column: "id", names: [], type: "text" },
};

export const ACCOUNTS: Listing = {
  of: "accounts",
  columns: [date, ...["type", "reference", "provider"].map(text)],
  id: uuid,
};

export const TASKS: Listing = { of: "tasks", columns: [date], id: uuid };

/** One step of an order: the column, and whether it goes upwards. The last one is always the id. */
export interface Step {
  readonly by: SortColumn;
  readonly isUp: boolean;
}

export interface InvalidSort {
  readonly kind: "invalid-sort";
  readonly order: string;
}

/** The order that a caller wants: "<column>:asc" or "<column>:desc" each. A column of another name counts for nothing. */
export function parseSort(
  listing: Listing,
  sort: readonly string[],
): Result<readonly Step[], InvalidSort> {
  const steps = new Map<string, Step>();
  for (const each of sort) {
    const [name = "", order = "asc"] = each.split(/:(.*)/s);
    if (!/^(asc|dsc|desc)$/i.test(order)) return fail({ kind: "invalid-sort", order });
    const by = listing.columns.find(({ names }) => names.includes(name));
    if (by && !steps.has(by.column)) steps.set(by.column, { by, isUp: /^asc$/i.test(order) });
  }
  return ok(withId(listing, [...steps.values()]));
}

/** Newest first. */
export const usualOrder = (listing: Listing): readonly Step[] => withId(listing, []);

/** Equals are newest first, and those of one date by their ids. */
function withId({ columns, id }: Listing, steps: readonly Step[]): readonly Step[] {
  const [date] = columns;
  const isDated = date === undefined || steps.some(({ by }) => by === date);
  const all = isDated ? steps : [...steps, { by: date, isUp: false }];
  return [...all, { by: id, isUp: all.at(-1)?.isUp ?? false }];
}

/** What a list is asked for. */
export interface ListQuery {
  readonly pageSize: number;
  readonly steps: readonly Step[];
  /** Keys are JSON arrays of an item's values, one for each step, as PostgreSQL prints them. */
  readonly position: Position | null;
}

const key = z.string();
const shapeOf = (listing: Listing) =>
  z.strictObject({
    of: z.literal(listing.of),
    pageSize: z.int().min(1).max(MAX_PAGE),
    sort: z
      .array(z.string().regex(/^[a-z_]+:(asc|desc)$/))
      .min(1)
      .max(listing.columns.length),
    position: z.union([z.strictObject({ below: key }), z.strictObject({ from: key })]).nullable(),
  });

/** The form of a query's cursor. */
export const cursorShape = (listing: Listing): z.ZodType<ListQuery> =>
  shapeOf(listing).transform(({ pageSize, sort, position }, context): ListQuery => {
    const steps = sort.map((each) => {
      const [column, order] = each.split(":");
      const by = listing.columns.find((it) => it.column === column);
      return by && { by, isUp: order === "asc" };
    });
    const whole = withId(
      listing,
      steps.filter((it) => it !== undefined),
    );
    const place = position && ("from" in position ? position.from : position.below);
    const isGood = !steps.includes(undefined) && (place === null || fits(whole, place));
    if (!isGood) context.addIssue("a position that is none");
    return { pageSize, steps: whole, position };
  }) as z.ZodType<ListQuery>;

/** What `cursorShape` reads, but for the position. */
export const printQuery = ({ of }: Listing, { pageSize, steps }: Omit<ListQuery, "position">) => ({
  ...{ of, pageSize },
  sort: steps.slice(0, -1).map(({ by, isUp }) => `${by.column}:${isUp ? "asc" : "desc"}`),
});

/**
 * The items that are older than a date, or newer, in the list's usual order: what the cursors of a Formance Stack say.
 * Callers may still have some.
 */
export function besideDate(listing: Listing, date: Micros, isOlder: boolean): Position | null {
  const instant = formatInstant(isOlder ? date : date + 1n);
  const printed = instant.replace("T", " ").replace("Z", "+00");
  const key = JSON.stringify([printed, LEAST[listing.id.type]]);
  if (!fits(usualOrder(listing), key)) return null;
  return isOlder ? { below: key } : { from: key };
}

/** The first of all ids. */
const LEAST: Readonly<Record<string, string>> = {
  text: "",
  uuid: "00000000-0000-0000-0000-000000000000",
};

/** The values of a key. */
export const readKey = (json: string): string[] => JSON.parse(json);

function fits(steps: readonly Step[], json: string): boolean {
  const values = z.array(z.string()).safeParse(parsed(json));
  if (!values.success || values.data.length !== steps.length) return false;
  return steps.every(({ by }, index) => TEXT_OF[by.type](values.data[index] ?? ""));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** Whether a text is a value of a type, as PostgreSQL prints it. */
const TEXT_OF = {
  text: (value: string) => !/[\0\p{Surrogate}]/u.test(value),
  numeric: (value: string) => /^-?\d{1,1000}$/.test(value),
  uuid: (value: string) => isUuid(value),
  timestamptz: (value: string) =>
    value.endsWith("+00") && parseInstant(value.replace(" ", "T").replace(/\+00$/, "Z")) !== null,
} as const;

export const isUuid = (text: string): boolean =>
  /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text);
