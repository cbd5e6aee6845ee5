/**
 * Objects and lists within each other. Protobuf's readers give up at 100 messages within each other, and each of these
 * levels takes three: deeper JSON, once stored, would spoil every list that it is in.
 */
export const DEEPEST = 30;

/** Whether JSON reads back from the database as it is: no number that JSON cannot write, no nesting beyond sense. */
export function isStorable(value: unknown, depth = DEEPEST): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isStorable(member, depth - 1));
}
