import type { Json } from "../history.js";

/** JSON with sorted keys, written as Go writes it. */
export function canonical(value: Json): string {
  if (typeof value === "string") return text(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  const members = Object.entries(value)
    .map(([key, member]) => [Buffer.from(key), `${text(key)}:${canonical(member)}`] as const)
    .sort(([a], [b]) => a.compare(b));
  return `{${members.map(([, member]) => member)}}`;
}

/** Where JSON.stringify and Go differ: Go has no short forms of two controls, and escapes five more characters. */
export const text = (value: string): string =>
  JSON.stringify(value)
    .replace(/\\\\|\\b|\\f/g, (pair) => ({ "\\b": "\\u0008", "\\f": "\\u000c" })[pair] ?? pair)
    .replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
