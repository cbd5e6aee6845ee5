import { z } from "zod";

/** A variable whose text `parse` turns into a value; where it answers null, the operator is told `demand`. */
export const variable = <T>(demand: string, parse: (text: string) => T | null) =>
  z.string().transform((text, context) => {
    const value = parse(text.trim());
    if (value !== null) return value;
    context.addIssue(demand);
    return z.NEVER;
  });

export const wholeNumber = (least: number, most: number) =>
  variable(`must be a whole number from ${least} to ${most}`, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : null;
  });

/** One of `values`; anything else exists, perhaps, but is not supported here. */
export const oneOf = <T extends string>(...values: readonly T[]) =>
  variable(
    `must be ${values.join(" or ")}: nothing else is supported`,
    (text) => values.find((value) => value === text) ?? null,
  );
