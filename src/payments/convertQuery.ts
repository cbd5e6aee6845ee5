import { z } from "zod";
import { decodeCursor } from "../lib/cursor.js";
import { DEFAULT_PAGE, MAX_PAGE } from "../lib/page.js";
import { fail, ok, type Result } from "../lib/result.js";
import { parseInstant } from "../lib/time.js";
import {
  besideDate,
  cursorShape,
  type Listing,
  type ListQuery,
  parseSort,
  usualOrder,
} from "./domain/listing.js";
import type { RequestFault } from "./fault.js";

interface SentQuery {
  readonly pageSize?: number | undefined;
  readonly cursor: string;
  readonly sort?: readonly string[];
}

/** What a list is asked for: by its cursor, beside which nothing else counts, or by the other fields. */
export function toListQuery(
  listing: Listing,
  { pageSize, cursor, sort = [] }: SentQuery,
): Result<ListQuery, RequestFault> {
  const size = Math.min(pageSize || DEFAULT_PAGE, MAX_PAGE);
  if (cursor !== "") {
    const query = decodeCursor(cursorShape(listing), cursor) ?? readDated(listing, cursor, size);
    return query === null ? fail({ kind: "invalid-cursor" }) : ok(query);
  }
  const steps = parseSort(listing, sort);
  if (!steps.ok) return steps;
  return ok({ pageSize: size, steps: steps.value, position: null });
}

/** A cursor of a Formance Stack. It has no size. */
const DATED = z.object({ reference: z.string(), next: z.boolean() });

function readDated(listing: Listing, cursor: string, pageSize: number): ListQuery | null {
  const dated = decodeCursor(DATED, cursor);
  const date = dated && parseInstant(dated.reference);
  const position = dated && date !== null && besideDate(listing, date, dated.next);
  return position ? { pageSize, steps: usualOrder(listing), position } : null;
}
