import { Code } from "@connectrpc/connect";
import { ApiError } from "./apiError.js";

/** A request of which more is to come. */
export interface Upload {
  /** That many bytes more are kept for it. May cut this one, or others. */
  add(bytes: number): void;
  /** It is read, or given up. */
  end(): void;
}

/** Anybody may send, and nobody is known before all has come: so this is for all callers together. */
export const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Counts what is kept of requests that are still coming. When that is too much the one that began first is cut: who sends as
 * fast as can be is done before that.
 */
export function createUploads(mostBytes = MOST_BYTES): (cut: (error: ApiError) => void) => Upload {
  const open = new Set<{ bytes: number; cut: (error: ApiError) => void }>();
  let total = 0;
  return (cut) => {
    const entry = { bytes: 0, cut };
    const close = (each: typeof entry) => {
      if (open.delete(each)) total -= each.bytes;
    };
    open.add(entry);
    return {
      add(bytes) {
        if (!open.has(entry)) return;
        entry.bytes += bytes;
        total += bytes;
        for (const first of open) {
          if (total <= mostBytes) return;
          close(first);
          first.cut(tooMuch());
        }
      },
      end: () => close(entry),
    };
  };
}

/** Of this process. */
export const beginUpload = createUploads();

const tooMuch = () =>
  new ApiError({
    code: Code.ResourceExhausted,
    errorCode: "INTERNAL",
    httpStatus: 503,
    message: "too much is being sent at once: try again later",
    reason: "UPLOADS_FULL",
    headers: { "Retry-After": "1" },
  });
