import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "sdk/src/**/*.test.ts"],
    // Generous: the suite also runs on small machines that do other work.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    globalSetup: ["test/support/globalSetup.ts"],
  },
});
