import { type DescField, type Message, ScalarType } from "@bufbuild/protobuf";
import { setOwn } from "../../lib/setOwn.js";
import { invalid } from "./invalid.js";
import { setField } from "./messageDecoder.js";
import { fieldRule } from "./rules.js";
import { textReader } from "./textReader.js";

/** Fills the fields it was compiled for. `spellings` gets the parameter that each field was filled from. */
export type BindQuery = (query: string, message: Message, spellings: Map<string, string>) => void;

/** Binds query parameters to `fields`. Empty values count as absent, unknown names are ignored. */
export function queryBinder(fields: readonly DescField[]): BindQuery {
  const maps = new Map(
    fields
      .filter((field) => fieldRule(field).queryMap)
      .map((field) => [queryName(field), assertTextMap(field)]),
  );
  const binders = fields
    .filter((field) => !fieldRule(field).queryMap)
    .map((field) => ({
      names: [queryName(field), ...fieldRule(field).queryAlias],
      ...binder(field),
    }));
  return (query, message, spellings) => {
    if (query === "") return;
    const values = new Map<string, string[]>();
    for (const [name, value] of readPairs(query)) {
      const map = maps.get(name.slice(0, Math.max(name.indexOf("["), 0)));
      if (map !== undefined) addMapEntry(message, map, name, value);
      else if (value !== "") values.set(name, [...(values.get(name) ?? []), value]);
    }
    for (const { names, field, bind } of binders) {
      const name = names.find((candidate) => values.has(candidate));
      if (name === undefined) continue;
      setField(message, field, bind(name, values.get(name) ?? []));
      spellings.set(field.localName, name);
    }
  };
}

/** Name of the query parameter of `field`, without its aliases. */
export const queryName = (field: DescField): string => fieldRule(field).queryName || field.jsonName;

function binder(field: DescField) {
  const { read, complaint } = textReader(field, "query param");
  const readOne = (name: string, text: string) => {
    const value = read(text);
    if (value === null) throw invalid("INVALID_PARAMETER", complaint(name));
    return value;
  };
  const bind =
    field.fieldKind === "list"
      ? (name: string, texts: readonly string[]) => texts.map((text) => readOne(name, text))
      : (name: string, [first = ""]: readonly string[]) => readOne(name, first);
  return { field, bind };
}

function assertTextMap(field: DescField): DescField {
  if (field.fieldKind === "map" && field.scalar === ScalarType.STRING) return field;
  throw new Error(`${field} is no map of strings`);
}

/** `metadata[key]=value`: the key stands between the first brackets, and the first value of a key counts. */
function addMapEntry(message: Message, field: DescField, name: string, value: string): void {
  const key = name.slice(name.indexOf("[") + 1, Math.max(name.indexOf("]"), 0));
  const entries = (message as unknown as Record<string, object>)[field.localName] as object;
  if (key !== "" && !Object.hasOwn(entries, key)) setOwn(entries, key, value);
}

function* readPairs(query: string): Generator<[string, string]> {
  for (const piece of query.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = equals < 0 ? piece : piece.slice(0, equals);
    yield [decode(name), equals < 0 ? "" : decode(piece.slice(equals + 1))];
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw invalid("INVALID_URL", `invalid percent-encoding in the query: ${text}`);
  }
}
