import { BATCH } from "./calls.js";
import type { Job, Target } from "./job.js";
import type { Loader } from "./startLoader.js";

const SIZES = [10_000, 100_000, 1_000_000, 3_000_000];

/** What a transaction costs at the largest size, measured by what it costs at the smallest: at most this. */
export const MOST_GROWTH = 1.25;

export interface Grown {
  readonly transactions: number;
  readonly perSecond: number;
}

/** The rate of batches of 100 over many accounts, as one ledger grows to three million transactions. */
export async function growth(loader: Loader, target: Target, seconds: number): Promise<Grown[]> {
  const batches = { kind: "rest", calls: "batch", connections: 16, ledgers: ["bench-k"] } as const;
  const found: Grown[] = [];
  let written = 0;
  const put = async (job: Job, within: number) => {
    const { perSecond, count, failed } = await loader.run({ job, target, seconds: within });
    if (failed > 0) throw new Error(`${failed} batches failed while the ledger grew`);
    written += count;
    return perSecond;
  };
  for (const transactions of SIZES) {
    const mostCalls = Math.max(0, Math.ceil((transactions - written) / BATCH));
    if (mostCalls > 0) await put({ ...batches, mostCalls }, Number.MAX_SAFE_INTEGER);
    found.push({ transactions, perSecond: await put(batches, seconds) });
    console.log(`${transactions} transactions: ${Math.round(found.at(-1)?.perSecond ?? 0)}/s`);
  }
  return found;
}
