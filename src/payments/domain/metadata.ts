import { fail, ok, type Result } from "../../lib/result.js";

/** What callers attach to a payment. */
export type Metadata = Readonly<Record<string, string>>;

/** Of all keys and values, in bytes of UTF-8: the longest page of payments can still be answered. */
export const LARGEST_METADATA = 64 * 1024;

export interface MetadataTooLarge {
  readonly kind: "metadata-too-large";
  readonly field: "metadata";
  readonly bytes: number;
}

/** `stored` with the keys of `sent` in it, in place of those of their names. */
export function mergeMetadata(
  stored: Metadata,
  sent: Metadata,
): Result<Metadata, MetadataTooLarge> {
  const merged = { ...stored, ...sent };
  const bytes = bytesOf(merged);
  // Longer ones may be there from before there was a limit: they can be made shorter.
  if (bytes <= LARGEST_METADATA || bytes < bytesOf(stored)) return ok(merged);
  return fail({ kind: "metadata-too-large", field: "metadata", bytes });
}

const bytesOf = (metadata: Metadata): number =>
  Object.entries(metadata)
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
