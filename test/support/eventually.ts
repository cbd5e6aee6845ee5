import { vi } from "vitest";

/** Waits until `check` passes; not for ever. */
export const eventually = <T>(check: () => T | Promise<T>, timeoutMs = 30_000): Promise<T> =>
  vi.waitFor(check, { timeout: timeoutMs, interval: 20 });
