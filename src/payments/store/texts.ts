/** Texts as a parameter of type text[]: knex's types know of no null in an array, PostgreSQL does. */
export const texts = (values: readonly (string | null)[]): string[] => values as string[];
