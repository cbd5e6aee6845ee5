import { pino } from "pino";
import { expect, test } from "vitest";
import { openDatabase } from "../../db/database.js";
import { runBatch } from "./runBatch.js";

test("requests that have waited long enough already are tried once", async () => {
  const attempts: number[] = [];
  const logger = pino({}, { write: (line) => void attempts.push(JSON.parse(line).attempt) });
  const { outcomes } = await runBatch(null, [], {
    db: openDatabase({ url: "postgresql://127.0.0.1:1/nothing", poolSize: 1 }),
    ...{ logger, name: "main", clock: () => 0n, allowPastTimestamps: false, cacheSize: 1 },
    hasSinks: false,
    since: performance.now() - 10_000,
    patienceMs: 10_000,
  });
  expect(outcomes).toEqual([]);
  expect(attempts).toEqual([1]);
});
