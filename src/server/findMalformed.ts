import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** A place in a message, as its JSON form names it, and what is wrong there. */
export interface Malformed {
  readonly path: string;
  readonly problem: string;
}

/**
 * The first thing in `message` that its types let through, and that is of no use: text that PostgreSQL cannot store, be
 * it a key, a value or deep inside JSON, or the number of no value of an enum.
 */
export const findMalformed = (desc: DescMessage, message: Message): Malformed | null =>
  inMessage(desc)(message);

/** Looks through a value of one type. */
type Search = (value: unknown) => Malformed | null;

/** U+0000, or one half of a surrogate pair without the other. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

const inText: Search = (value) => {
  const text = value as string;
  if (!UNSTORABLE.test(text)) return null;
  const isNul = text.includes("\0");
  return {
    path: "",
    problem: isNul ? "must not contain U+0000" : "must not contain half a surrogate pair",
  };
};

/** Protobuf lets any number pass, for values that are yet to come. */
function inEnum({ values }: DescEnum): Search {
  const known = new Set(values.map(({ number }) => number));
  const problem = `must be one of ${values.map(({ name }) => name).join(", ")}`;
  return (value) => (known.has(value as number) ? null : { path: "", problem });
}

const inJson: Search = (value) => {
  if (typeof value === "string") return inText(value);
  if (Array.isArray(value)) return inList(inJson)(value);
  return typeof value === "object" && value !== null ? inMap(inJson)(value) : null;
};

const inList =
  (search: Search): Search =>
  (items) => {
    for (const [index, item] of (items as unknown[]).entries()) {
      const found = search(item);
      if (found) return under(`[${index}]`, found);
    }
    return null;
  };

const inMap =
  (search: Search | null): Search =>
  (map) => {
    for (const [key, value] of Object.entries(map as object)) {
      const found = inText(key) ?? search?.(value);
      if (found) return under(`[${JSON.stringify(key)}]`, found);
    }
    return null;
  };

const under = (step: string, { path, problem }: Malformed): Malformed => ({
  path: path === "" || path.startsWith("[") ? step + path : `${step}.${path}`,
  problem,
});

const compiled = new WeakMap<DescMessage, Search>();

/** Compiled once per type. */
function inMessage(desc: DescMessage): Search {
  const known = compiled.get(desc);
  if (known !== undefined) return known;
  const searches: Search[] = [];
  const search: Search = (message) => {
    for (const search of searches) {
      const found = search(message);
      if (found) return found;
    }
    return null;
  };
  // Before its fields are looked at: they may be of this type again.
  compiled.set(desc, search);
  for (const field of desc.fields) {
    const search = inField(field);
    if (search !== null) searches.push(inMember(field, search));
  }
  return search;
}

/** Takes `field` out of its message and runs `search` on it, if it is there. */
function inMember({ localName, jsonName, oneof }: DescField, search: Search): Search {
  const read = (message: Record<string, unknown>): unknown => {
    if (oneof === undefined) return message[localName];
    const member = message[oneof.localName] as { case?: string; value?: unknown };
    return member.case === localName ? member.value : undefined;
  };
  return (message) => {
    const value = read(message as Record<string, unknown>);
    const found = value === undefined ? null : search(value);
    return found && under(jsonName, found);
  };
}

/** Null for what cannot be malformed. */
function inField(field: DescField): Search | null {
  const inElement = inValue(field);
  if (field.fieldKind === "list") return inElement && inList(inElement);
  if (field.fieldKind !== "map") return inElement;
  return inElement || field.mapKey === ScalarType.STRING ? inMap(inElement) : null;
}

/** A field's one value, an element of its list, or a value of its map. */
function inValue({ message, enum: desc, scalar }: DescField): Search | null {
  if (message !== undefined) return inSubmessage(message);
  if (desc !== undefined) return inEnum(desc);
  return scalar === ScalarType.STRING ? inText : null;
}

/** In messages, protobuf-es shows some well-known types as plain values. */
function inSubmessage(message: DescMessage): Search {
  if (message.typeName === "google.protobuf.Struct") return inJson;
  if (isWrapperDesc(message)) return (value) => (typeof value === "string" ? inText(value) : null);
  return inMessage(message);
}
