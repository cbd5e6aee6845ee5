/** SQLSTATE classes and codes of a server that goes, comes or has no room: on its disk, in memory, for a connection. */
const UNAVAILABLE_STATE = /^(08...|53...|57P0[1-3])$/;

const UNAVAILABLE_SYSTEM = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
]);

/** Errors of pg that have no code. Knex puts the statement before them. */
const UNAVAILABLE_MESSAGE =
  /(Connection terminated( unexpectedly| due to connection timeout)?|timeout expired|connection error and is not queryable)$/;

/** Whether `error` says that the database could not be reached, or its pool is exhausted: nothing of ours is wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "KnexTimeoutError" || UNAVAILABLE_MESSAGE.test(error.message)) return true;
  const { code, syscall }: NodeJS.ErrnoException = error;
  if (code === undefined) return false;
  // ENOENT and EACCES of a unix socket come from `connect`.
  return syscall === "connect" || UNAVAILABLE_SYSTEM.has(code) || UNAVAILABLE_STATE.test(code);
}
