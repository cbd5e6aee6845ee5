import { z } from "zod";
import { MAX_PAGE } from "../../lib/page.js";
import { YEAR_1, YEAR_10000 } from "../../lib/time.js";

/** PostgreSQL cannot store the rest: U+0000, and half a surrogate pair. */
const text = z.string().refine((value) => !/[\0\p{Surrogate}]/u.test(value));

/** What a bigint of PostgreSQL holds and counts up to. */
const number = z
  .string()
  .regex(/^\d{1,19}$/)
  .refine((value) => BigInt(value) < 2n ** 63n);

/** Microseconds as text, of the years 1 to 9999. */
const instant = z
  .string()
  .regex(/^-?\d{1,18}$/)
  .refine((value) => YEAR_1 <= BigInt(value))
  .refine((value) => BigInt(value) < YEAR_10000)
  .nullable();

const slice = <Key extends z.ZodType<string>>(key: Key) => ({
  pageSize: z.int().min(1).max(MAX_PAGE),
  position: z.union([z.strictObject({ below: key }), z.strictObject({ from: key })]).nullable(),
});

/** What was asked for, in a form that survives in a cursor; "" where nothing was. */
export const transactionsQuery = z.strictObject({
  of: z.literal("transactions"),
  ...slice(number),
  reference: text,
  account: text,
  source: text,
  destination: text,
  startTime: instant,
  endTime: instant,
  metadata: z.record(text, text),
});
export type TransactionsQuery = z.infer<typeof transactionsQuery>;

export const accountsQuery = z.strictObject({
  of: z.literal("accounts"),
  ...slice(text),
  address: text,
  metadata: z.record(text, text),
  balance: text,
  operator: z.enum(["e", "ne", "gt", "gte", "lt", "lte"]),
  asset: text,
});
export type AccountsQuery = z.infer<typeof accountsQuery>;

export const balancesQuery = z.strictObject({
  of: z.literal("balances"),
  ...slice(text),
  addresses: z.array(text),
});
export type BalancesQuery = z.infer<typeof balancesQuery>;

export const logsQuery = z.strictObject({
  of: z.literal("logs"),
  ...slice(number),
  startTime: instant,
  endTime: instant,
});
export type LogsQuery = z.infer<typeof logsQuery>;
