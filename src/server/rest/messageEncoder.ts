import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { scalarZeroValue } from "@bufbuild/protobuf/reflect";
import { Empty, type FieldRule } from "../../../gen/florin/rest/v1/options_pb.js";
import { emptyTest } from "./emptyTest.js";
import { enumTexts, fieldRule, shapeOf } from "./rules.js";
import { type Encode, encodeInteger, enumEncoder, scalarEncoder } from "./scalarEncoder.js";
import { formatDuration, formatSeconds, formatTimestamp } from "./wellKnown.js";

const encoders = new WeakMap<DescMessage, Encode>();

/** The REST form of a message type, compiled on first use. */
export function messageEncoder(desc: DescMessage): Encode {
  const known = encoders.get(desc);
  if (known !== undefined) return known;
  let compiled: Encode;
  // A message may contain itself: until its encoder is ready, this one stands in.
  encoders.set(desc, (message) => compiled(message));
  compiled = compileMessage(desc);
  encoders.set(desc, compiled);
  return compiled;
}

function compileMessage(desc: DescMessage): Encode {
  const shape = shapeOf(desc);
  if (shape.kind === "field") {
    const { field } = shape;
    const encode = fieldEncoder(field);
    return (message: FieldValues) => encode(message[field.localName] as never);
  }
  if (shape.kind === "oneof") {
    const { localName, fields } = shape.oneof;
    const byCase = new Map(fields.map((field) => [field.localName, fieldEncoder(field)]));
    return (message: FieldValues) => {
      const member = message[localName] as OneofValue;
      return member.case === undefined
        ? "null"
        : (byCase.get(member.case) as Encode)(member.value as never);
    };
  }
  const entries = shape.fields.map(compileEntry);
  return (message) => {
    let text = "";
    for (const entry of entries) text += entry(message);
    return `{${text.slice(1)}}`;
  };
}

type FieldValues = Readonly<Record<string, unknown>>;

type OneofValue = { readonly case: undefined } | { readonly case: string; readonly value: unknown };

/** Prints `,"key":value` and the twin of the key, or nothing where the field is empty and left out. */
function compileEntry(field: DescField): Encode {
  const rule = fieldRule(field);
  const read = reader(field);
  const encode = fieldEncoder(field);
  if (rule.inline) return (message: FieldValues) => inlined(encode, read(message));
  const isEmpty = emptyTest(field);
  const whenEmpty = emptyText(field, rule);
  const key = `,${JSON.stringify(field.jsonName)}:`;
  const twin = rule.twin === "" ? null : `,${JSON.stringify(rule.twin)}:`;
  return (message) => {
    const value = read(message);
    const text = isEmpty(value) ? whenEmpty : encode(value as never);
    if (text === null) return "";
    return twin === null ? key + text : key + text + twin + text;
  };
}

/** The entries of a message, to stand among others. A message that is not set has none. */
function inlined(encode: Encode, message: unknown): string {
  const text = message === undefined ? "" : encode(message as never);
  return /^\{.+\}$/.test(text) ? `,${text.slice(1, -1)}` : "";
}

function reader({ oneof, localName }: DescField): (message: FieldValues) => unknown {
  if (oneof === undefined) return (message) => message[localName];
  return (message) => {
    const member = message[oneof.localName] as OneofValue;
    return member.case === localName ? member.value : undefined;
  };
}

function emptyText(field: DescField, rule: FieldRule): string | null {
  if (rule.empty === Empty.NULL) return "null";
  if (rule.empty !== Empty.ZERO) return null;
  if (field.fieldKind === "list") return "[]";
  if (field.fieldKind === "map" || rule.rawJson) return "{}";
  if (field.fieldKind === "enum") {
    return JSON.stringify(enumTexts(field.enum).byNumber.get(0) ?? "");
  }
  if (field.fieldKind === "message") return zeroMessage(field.message);
  return rule.number
    ? "0"
    : scalarEncoder(field.scalar)(scalarZeroValue(field.scalar, false) as never);
}

function zeroMessage(desc: DescMessage): string {
  if (desc.typeName === "google.protobuf.Timestamp") return '"0001-01-01T00:00:00Z"';
  if (desc.typeName === "google.protobuf.Duration") return '"0s"';
  return desc.typeName === "google.protobuf.Struct"
    ? "{}"
    : messageEncoder(desc)(create(desc) as never);
}

/** Prints a list, a map or a single value. */
export function fieldEncoder(field: DescField): Encode {
  const encode = valueEncoder(field);
  if (field.fieldKind === "list") {
    return (items: readonly never[]) => {
      let text = "";
      for (const item of items) text += `,${encode(item)}`;
      return `[${text.slice(1)}]`;
    };
  }
  if (field.fieldKind === "map") {
    return (entries: Readonly<Record<string, never>>) => {
      let text = "";
      for (const key of Object.keys(entries)) {
        text += `,${JSON.stringify(key)}:${encode(entries[key] as never)}`;
      }
      return `{${text.slice(1)}}`;
    };
  }
  return encode;
}

/** Prints the value of a field, an item of its list, or a value of its map. */
function valueEncoder(field: DescField): Encode {
  const rule = fieldRule(field);
  if (field.enum !== undefined) return enumEncoder(field.enum);
  if (field.message === undefined) {
    if (rule.number) return encodeInteger;
    return rule.rawJson ? (text: string) => text : scalarEncoder(field.scalar);
  }
  if (field.message.typeName === "google.protobuf.Struct") return JSON.stringify;
  if (field.message.typeName === "google.protobuf.Duration") {
    return (value: never) => `"${formatDuration(value)}"`;
  }
  if (field.message.typeName === "google.protobuf.Timestamp") {
    const format = rule.secondsOnly ? formatSeconds : formatTimestamp;
    return (value: never) => `"${format(value)}"`;
  }
  return messageEncoder(field.message);
}
