import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "test/**/*.test.ts",
      "sdk/src/**/*.test.ts",
      "bench/**/*.test.ts",
      "torture/**/*.test.ts",
    ],
    // A process loads the server once, not anew for each file. So tests leave nothing behind in its modules.
    isolate: false,
    // Tests wait, for other processes and for time to pass: one more than there are processors to compute.
    maxWorkers: availableParallelism() + 1,
    // Generous: the suite also runs on small machines that do other work.
    testTimeout: 40_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 15_000, interval: 20 } },
    globalSetup: ["test/support/globalSetup.ts"],
    setupFiles: ["test/support/validateResponses.ts"],
  },
});
