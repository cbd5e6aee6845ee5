import { vi } from "vitest";

// What must come is waited for on a busy machine, too; left alone, `waitFor` gives up after a second.
const { waitFor } = vi;
vi.waitFor = (check, options = {}) =>
  waitFor(check, {
    ...{ timeout: 15_000, interval: 20 },
    ...(typeof options === "number" ? { timeout: options } : options),
  });
