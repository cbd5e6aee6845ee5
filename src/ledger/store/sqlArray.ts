/** An array as PostgreSQL reads it. The driver would write the same, with several times the work. */
export function sqlArray(values: readonly (string | bigint | boolean | null)[]): string {
  let text = "";
  for (const value of values) text += `,${element(value)}`;
  return `{${text.slice(1)}}`;
}

const element = (value: string | bigint | boolean | null): string | bigint | boolean | null =>
  typeof value === "string"
    ? `"${UNSAFE.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`
    : value;

const UNSAFE = /["\\]/;
