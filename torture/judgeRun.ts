import type { History, Operation } from "./history.js";

/** Acknowledged writes for each second of a torture: with fewer, hardly anything was at risk. */
const LEAST_PER_SECOND = 2;
/** Of each ledger, whatever happened. */
const LEAST_OF_LEDGER = 5;

/** What is wrong with a torture whatever the database says: a server that broke inside, or hardly anything written. */
export function judgeRun(
  { operations }: Pick<History, "operations">,
  ledgers: readonly string[],
  seconds: number,
): string[] {
  const broken = operations.filter(isInternalError);
  const written = operations.filter(
    ({ what, outcome }) => what.kind === "write" && outcome === "ok",
  );
  const least = LEAST_PER_SECOND * seconds;
  return [
    ...broken.slice(0, 1).map(({ id, status }) => {
      return `internal error: ${broken.length} times, first in operation ${id}: ${status}`;
    }),
    ...(written.length < least
      ? [`too little: ${written.length} writes were acknowledged, not ${least}`]
      : []),
    ...ledgers.flatMap((name) => {
      const { length } = written.filter(({ ledger }) => ledger === name);
      return length < LEAST_OF_LEDGER
        ? [
            `too little: ${length} writes of ledger ${name} were acknowledged, not ${LEAST_OF_LEDGER}`,
          ]
        : [];
    }),
  ];
}

/** A lost database is answered with 503. That something else went wrong is never the answer. */
const isInternalError = ({ status }: Operation): boolean =>
  /^(500|INTERNAL|UNKNOWN)\b.*internal error/.test(status);
