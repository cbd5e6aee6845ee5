import { decodeCursor } from "../lib/cursor.js";
import { DEFAULT_PAGE, MAX_PAGE } from "../lib/page.js";
import { fail, ok, type Result } from "../lib/result.js";
import { cursorShape, type Listing, type ListQuery, parseSort } from "./domain/listing.js";
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
  if (cursor !== "") {
    const query = decodeCursor(cursorShape(listing), cursor);
    return query === null ? fail({ kind: "invalid-cursor" }) : ok(query);
  }
  const steps = parseSort(listing, sort);
  if (!steps.ok) return steps;
  const size = Math.min(pageSize || DEFAULT_PAGE, MAX_PAGE);
  return ok({ pageSize: size, steps: steps.value, position: null });
}
