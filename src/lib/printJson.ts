import type { Json } from "./parseJson.js";

/** The text of `json`, without white space. Numbers are printed as they were read. */
export function printJson(json: Json): string {
  if (json === null || typeof json !== "object") return JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map(printJson).join(",")}]`;
  if ("token" in json) return json.token;
  const entries = [...json].map(([key, value]) => `${JSON.stringify(key)}:${printJson(value)}`);
  return `{${entries.join(",")}}`;
}
