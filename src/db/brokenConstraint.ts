/** Name of the constraint that PostgreSQL says a statement would have broken; undefined for any other error. */
export const brokenConstraint = (error: unknown): string | undefined =>
  error instanceof Error && "constraint" in error && typeof error.constraint === "string"
    ? error.constraint
    : undefined;
