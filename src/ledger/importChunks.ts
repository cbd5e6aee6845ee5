import { interruptible } from "../lib/interruptible.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { ForeignLog } from "./domain/importLog.js";

/** The client of an import said nothing for that long. */
export interface Stalled {
  readonly kind: "import-stalled";
  readonly timeoutMs: number;
}

/** Of one chunk. */
const MOST = 1000;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Gathers `logs` as they come into chunks of bounded size. The last thing it gives is a failure, if a log is one or the
 * next one does not come within `timeoutMs`. Throws the signal's reason when that aborts.
 */
export async function* importChunks<F>(
  logs: AsyncIterable<Result<ForeignLog, F>>,
  timeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<Result<readonly ForeignLog[], F | Stalled>> {
  const silence = new AbortController();
  const startTimer = () => setTimeout(() => silence.abort(), timeoutMs);
  let timer = startTimer();
  let chunk: ForeignLog[] = [];
  let bytes = 0;
  try {
    for await (const log of interruptible(logs, AbortSignal.any([signal, silence.signal]))) {
      if (!log.ok) return yield log;
      chunk.push(log.value);
      bytes += sizeOf(log.value);
      clearTimeout(timer);
      if (chunk.length >= MOST || bytes >= MOST_BYTES) {
        yield ok(chunk);
        chunk = [];
        bytes = 0;
      }
      timer = startTimer();
    }
    if (chunk.length > 0) yield ok(chunk);
  } catch (error) {
    if (error !== silence.signal.reason) throw error;
    yield fail({ kind: "import-stalled", timeoutMs });
  } finally {
    clearTimeout(timer);
  }
}

const OVERHEAD = 500;

/** About how many bytes of memory `log` holds. */
const sizeOf = ({ entry }: ForeignLog): number =>
  entry.type === "SET_METADATA"
    ? OVERHEAD + JSON.stringify(entry.metadata).length
    : OVERHEAD * (1 + entry.transaction.postings.length) +
      JSON.stringify(entry.transaction.metadata).length;
