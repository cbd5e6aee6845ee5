import { DEEPEST, isStorable } from "../../lib/isStorable.js";

/** A field of a request that breaks its rule. */
export interface InvalidField {
  readonly kind: "invalid-field";
  /** As its JSON form names it, e.g. "redirectUris[0]". */
  readonly field: string;
  readonly problem: string;
}

export const invalidField = (field: string, problem: string): InvalidField => ({
  kind: "invalid-field",
  field,
  problem,
});

/** Any JSON object, for the callers' own purposes. */
export type Metadata = { [key: string]: Json };

type Json = null | boolean | number | string | Json[] | Metadata;

/** Whatever is kept, is kept for people to read: nothing of it needs to be longer. */
const LONGEST_NAME = 255;
const LARGEST_METADATA = 64 * 1024;

/** Null for a good name. */
export const checkName = (field: string, name: string): InvalidField | null =>
  name !== "" && name.length <= LONGEST_NAME
    ? null
    : invalidField(field, `must have 1 to ${LONGEST_NAME} characters`);

/** Null for metadata that can be kept. */
export function checkMetadata(metadata: Metadata): InvalidField | null {
  if (!isStorable(metadata)) {
    return invalidField(
      "metadata",
      `must be nested at most ${DEEPEST} deep, and hold finite numbers`,
    );
  }
  const isFine = Buffer.byteLength(JSON.stringify(metadata)) <= LARGEST_METADATA;
  return isFine ? null : invalidField("metadata", `must have at most ${LARGEST_METADATA} bytes`);
}
