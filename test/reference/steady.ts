import { createHash } from "node:crypto";

/**
 * Replaces what differs from run to run by something of the same form, so that examples stay what they are: ids, hashes,
 * secrets and the current time. Lists that grow with Florin are cut.
 */
export function createSteady(): (value: unknown) => unknown {
  const seen = new Map<string, number>();
  const digestOf = (text: string) => {
    const order = seen.get(text) ?? seen.size;
    seen.set(text, order);
    return createHash("sha256").update(`example ${order}`).digest();
  };
  const uuid = (text: string) => {
    const hex = digestOf(text).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
  const inText = (text: string): string =>
    text
      .replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, uuid)
      .replaceAll(/\b[\da-f]{64}\b/g, (hash) => digestOf(hash).toString("hex"))
      .replaceAll(/\b20\d\d-\d\d-\d\dT[\d:]{8}(\.\d+)?Z/g, (time, fraction) =>
        isRecent(time) ? `2023-07-10T12:10:00${fraction === undefined ? "" : ".5"}Z` : time,
      );
  const steady = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) {
      const shown = value.slice(0, key === "migrations" ? 2 : undefined);
      return shown.filter((item) => !isSecondTask(item)).map((item) => steady(item));
    }
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).filter(([name]) => !LATER.has(name));
      return Object.fromEntries(entries.map(([name, of]) => [name, steady(of, name)]));
    }
    if (key === "seenUntil") return Date.parse("2023-07-10T12:10:00Z");
    if (typeof value !== "string") return value;
    return STEADY[key] ?? inText(value);
  };
  return (value) => steady(value);
}

/** Keys of connectors: two of them show what all are like. */
const LATER: ReadonlySet<string> = new Set(
  "WISE MODULR CURRENCY-CLOUD BANKING-CIRCLE MANGOPAY MONEYCORP".split(" "),
);

/** What is random, or says nothing to a reader, by key. */
const STEADY: Readonly<Record<string, string>> = {
  clear: "0Hd3vNqkz8mJ5r1XwT9bYcQeLfSgUaPiKoMxZnVhRtE",
  lastDigits: "hRtE",
  next: "eyJxIjoi…",
  previous: "eyJxIjoi…",
  version: "v0.1.0",
};

const isRecent = (time: string) => Math.abs(Date.parse(time) - Date.now()) < 86_400_000;

/** Two tasks of one moment stand in no order. */
const isSecondTask = (item: unknown): boolean =>
  (item as { descriptor?: { key?: string } } | null)?.descriptor?.key === "generate-files";
