import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "sdk/src/**/*.test.ts"],
    globalSetup: ["test/support/globalSetup.ts"],
  },
});
