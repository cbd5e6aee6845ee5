import { judge } from "./check/judge.js";
import { readState } from "./check/readState.js";
import { verifyByProduct } from "./check/verifyByProduct.js";
import { type Rule, type Violation, violation } from "./check/violation.js";
import type { History } from "./history.js";

/** What of the promises was broken, judged by what clients saw and what the database has now that all is over. */
export async function check(history: History, databaseUrl: string): Promise<Violation[]> {
  const stored = await readState(databaseUrl);
  const violations = judge(history, stored);
  const isUnsound = violations.some(({ rule }) => VERIFIED.has(rule));
  let isRefuted = false;
  for (const { name } of stored) {
    const problem = await verifyByProduct(databaseUrl, name);
    if (problem === null) continue;
    isRefuted = true;
    violations.push(violation("verification", problem));
  }
  if (isUnsound && !isRefuted) {
    violations.push(violation("verification", "florin verify calls sound what is not"));
  }
  return violations;
}

/** What `florin verify` must find as well. */
const VERIFIED: ReadonlySet<Rule> = new Set([
  "numbers without gaps",
  "hash chain",
  "stored volumes",
  "stored metadata",
  "stored moves",
  "conservation",
]);
