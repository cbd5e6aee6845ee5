import type { ConfigField, ConfigValue } from "../domain/config.js";

/** The wait between two polls. */
export const pollingPeriod: ConfigField = {
  ...{ name: "pollingPeriod", kind: "duration ns", isRequired: false },
  fallback: 120_000_000_000n,
};

export const toMs = (nanoseconds: ConfigValue | undefined): number => Number(nanoseconds) / 1e6;
