import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Violation } from "./check/violation.js";
import type { History, Operation } from "./history.js";

/** How many of each came of what was asked. */
export function summarize({ operations, watched, deliveries }: History): string {
  const count = (kind: string, outcome: Operation["outcome"]) =>
    operations.filter((each) => each.what.kind === kind && each.outcome === outcome).length;
  const told = (kind: string) =>
    (["ok", "refused", "unknown"] as const)
      .map((outcome) => `${count(kind, outcome)} ${outcome}`)
      .join(", ");
  const logs = watched.reduce((sum, { logIds }) => sum + logIds.length, 0);
  return `writes: ${told("write")}; reads: ${told("read")}; logs watched: ${logs}; events: ${deliveries.length}`;
}

/** Operations that are shown of one violation; the history has them all. */
const MOST_SHOWN = 4;

/** A line for what was violated, and one for each operation that shows it. */
export const describe = (
  { rule, detail, operations }: Violation,
  { operations: all }: History,
): string =>
  [
    `${rule}: ${detail}`,
    ...operations.slice(0, MOST_SHOWN).map((id) => `    ${print(all[id]).slice(0, 600)}`),
  ].join("\n");

/** One thing to a line, as JSON: each operation, then each watcher, then each delivery. */
export async function saveHistory(history: History, file: string): Promise<void> {
  const stream = createWriteStream(file);
  for (const each of [...history.operations, ...history.watched, ...history.deliveries]) {
    stream.write(`${print(each)}\n`);
  }
  stream.end();
  await once(stream, "finish");
}

/** Amounts as text, and that there was no end as "never". */
const print = (value: unknown): string =>
  JSON.stringify(value, (_, each) => {
    if (typeof each === "bigint") return String(each);
    return each === Infinity ? "never" : each;
  });
