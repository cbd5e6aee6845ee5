/** A JSON value as metadata holds it: numbers are doubles, as the hash chain needs. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** HTML's and JavaScript's own characters, and all below the space. */
const ESCAPED = /["\\<>&\u2028\u2029]|[^ -\uffff]/g;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

const escaped = (character: string): string =>
  SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** `text` as a JSON string, escaped as Go's encoding/json does. */
export const jsonString = (text: string): string => `"${text.replace(ESCAPED, escaped)}"`;

const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * The one text of `value`, byte for byte what Go's encoding/json writes: no spaces, keys sorted by their UTF-8 bytes,
 * numbers as ECMAScript prints them. Hashes are made of it, and it is also what is stored.
 */
export function canonicalJson(value: Json): string {
  switch (typeof value) {
    case "string":
      return jsonString(value);
    case "object":
      if (value === null) return "null";
      return isArray(value) ? `[${value.map(canonicalJson).join()}]` : canonicalObject(value);
    default:
      return String(value);
  }
}

/** Array.isArray does not narrow read-only arrays. */
const isArray = (value: JsonObject | readonly Json[]): value is readonly Json[] =>
  Array.isArray(value);

function canonicalObject(object: JsonObject): string {
  const keys = Object.keys(object);
  if (keys.length === 0) return "{}";
  const members = keys
    .sort(byUtf8)
    .map((key) => `${jsonString(key)}:${canonicalJson(object[key] as Json)}`);
  return `{${members.join()}}`;
}
