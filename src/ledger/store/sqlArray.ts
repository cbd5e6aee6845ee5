/** An array as PostgreSQL reads it. The driver would write the same, with several times the work. */
export const sqlArray = (values: readonly (string | bigint | boolean | null)[]): string =>
  `{${values.map(element).join()}}`;

const element = (value: string | bigint | boolean | null): string =>
  typeof value === "string" ? `"${value.replace(/["\\]/g, "\\$&")}"` : String(value);
