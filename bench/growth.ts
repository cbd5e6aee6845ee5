import { BATCH } from "./calls.js";
import type { Job, Target } from "./job.js";
import type { Outcome } from "./load.js";
import type { Loader } from "./startLoader.js";

const SIZES = [10_000, 100_000, 1_000_000, 3_000_000];

/** What a transaction costs at the largest size, measured by what it costs at the smallest: at most this. */
export const MOST_GROWTH = 1.25;

export interface Grown {
  readonly transactions: number;
  readonly perSecond: number;
}

/** The letter that BENCH_ONLY names it by. */
export const GROWTH = "k";

export interface Growth {
  readonly grown: readonly Grown[];
  /** Latencies of reads, when the ledger holds a million. Null if it never did. */
  readonly reads: Outcome | null;
}

export const NOT_GROWN: Growth = { grown: [], reads: null };

const READ_AT = 1_000_000;

/**
 * The rate of batches of 100 over many accounts, as one ledger grows to three million transactions; and on the way, what its
 * reads take.
 */
export async function growth(loader: Loader, target: Target, seconds: number): Promise<Growth> {
  const rest = { kind: "rest", ledgers: ["bench-k"] } as const;
  const batches = { ...rest, calls: "batch", connections: 16 } as const;
  const grown: Grown[] = [];
  let reads: Outcome | null = null;
  let written = 0;
  const ask = async (job: Job, within: number) => {
    const outcome = await loader.run({ job, target, seconds: within });
    if (outcome.failed > 0) throw new Error(`${outcome.failed} calls failed while the ledger grew`);
    return outcome;
  };
  const put = async (job: Job, within: number) => {
    const { perSecond, count } = await ask(job, within);
    written += count;
    return perSecond;
  };
  for (const transactions of SIZES) {
    const mostCalls = Math.max(0, Math.ceil((transactions - written) / BATCH));
    if (mostCalls > 0) await put({ ...batches, mostCalls }, Number.MAX_SAFE_INTEGER);
    const perSecond = await put(batches, seconds);
    grown.push({ transactions, perSecond });
    console.log(`k ${transactions} transactions: ${Math.round(perSecond)}/s`);
    if (transactions !== READ_AT) continue;
    reads = await ask({ ...rest, calls: "reads", connections: 4 }, seconds);
    const { perSecond: rate, p50, p95, p99 } = reads;
    const latencies = [p50, p95, p99].map((ms) => ms.toFixed(2)).join(", ");
    console.log(
      `i reads there, 4 at a time: ${Math.round(rate)}/s; p50, p95, p99: ${latencies} ms`,
    );
  }
  return { grown, reads };
}
