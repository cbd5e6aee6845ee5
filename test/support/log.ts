import { type Logger, pino } from "pino";
import { expect } from "vitest";
import { eventually } from "./eventually.js";
import { keepTold } from "./evidence.js";

/** A line of a log, read. */
export type Line = Record<string, unknown>;

export interface TestLog {
  readonly logger: Logger;
  /** All that was written, as text. */
  text(): string;
  /** The lines of this message, when there are `count`. */
  lines(message: string, count: number): Promise<Line[]>;
}

/** A log that keeps everything, down to the last detail. */
export function testLog(): TestLog {
  const written: string[] = [];
  const write = (line: string) => {
    written.push(line);
    keepTold(line);
  };
  return {
    logger: pino({ base: null, level: "trace" }, { write }),
    text: () => written.join(""),
    lines: (message, count) =>
      eventually(() => {
        const found = written
          .map((it): Line => JSON.parse(it))
          .filter(({ msg }) => msg === message);
        expect(found).toHaveLength(count);
        return found;
      }),
  };
}
