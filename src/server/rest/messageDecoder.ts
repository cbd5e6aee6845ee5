import { create, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { FieldRule } from "../../../gen/florin/rest/v1/options_pb.js";
import type { Json, JsonObject } from "../../lib/parseJson.js";
import { setOwn } from "../../lib/setOwn.js";
import { DecodeError, within } from "./decodeError.js";
import { fieldRule, shapeOf } from "./rules.js";
import {
  type Decode,
  decodeIntegerText,
  decodeRawJson,
  decodeScriptVariable,
  enumDecoder,
  scalarDecoder,
} from "./scalarDecoder.js";
import { decodeDuration, decodeStruct, decodeTimestamp } from "./wellKnown.js";

const decoders = new WeakMap<DescMessage, Decode>();

/** Reads the REST form of a message type; compiled on first use. */
export function messageDecoder(desc: DescMessage): Decode {
  const known = decoders.get(desc);
  if (known !== undefined) return known;
  let compiled: Decode;
  // A message may contain itself: until its decoder is ready, this one stands in.
  decoders.set(desc, (json) => compiled(json));
  compiled = compileMessage(desc);
  decoders.set(desc, compiled);
  return compiled;
}

function compileMessage(desc: DescMessage): Decode {
  const shape = shapeOf(desc);
  if (shape.kind === "object") return objectDecoder(desc, shape.fields);
  if (shape.kind === "oneof") {
    throw new Error(`${desc} has no REST form in requests: nothing says which member a body is`);
  }
  const { field } = shape;
  const decode = fieldDecoder(field);
  return (json) => {
    const message = create(desc);
    setField(message, field, decode(json));
    return message;
  };
}

/** Reads an object as a message of which REST knows only `fields`. Other keys are ignored, and so is null. */
export function objectDecoder(desc: DescMessage, fields: readonly DescField[]): Decode {
  const readers = fields.map((field) => {
    const { twin, inline } = fieldRule(field);
    if (inline) throw new Error(`${field} is inlined, which answers can be and requests cannot`);
    const { jsonName: key } = field;
    const decode = fieldDecoder(field);
    return { field, key, twin: twin || key, foldedKey: key.toLowerCase(), decode };
  });
  const exactKeys = new Set(readers.flatMap(({ key, twin }) => [key, twin]));
  return (json) => {
    if (!(json instanceof Map)) throw new DecodeError("must be an object");
    const message = create(desc);
    const others = foldOtherKeys(json, exactKeys);
    for (const { field, key, twin, foldedKey, decode } of readers) {
      const value = json.get(key) ?? json.get(twin) ?? others?.get(foldedKey) ?? null;
      if (value === null) continue;
      try {
        setField(message, field, decode(value));
      } catch (error) {
        throw within(`.${key}`, error);
      }
    }
    return message;
  };
}

/**
 * Entries under keys that are not spelled exactly, by lower-case key. The reference matches keys in any
 * case: a "Reference" that was dropped in silence would let a payment be made twice.
 */
function foldOtherKeys(
  object: JsonObject,
  exactKeys: ReadonlySet<string>,
): Map<string, Json> | undefined {
  let folded: Map<string, Json> | undefined;
  for (const [key, value] of object) {
    if (exactKeys.has(key)) continue;
    folded ??= new Map();
    folded.set(key.toLowerCase(), value);
  }
  return folded;
}

export function setField(message: object, { oneof, localName }: DescField, value: unknown): void {
  const fields = message as Record<string, unknown>;
  if (oneof === undefined) fields[localName] = value;
  else fields[oneof.localName] = { case: localName, value };
}

/** Reads a list, a map or a single value. */
export function fieldDecoder(field: DescField): Decode {
  const rule = fieldRule(field);
  const decode = valueDecoder(field, rule);
  if (field.fieldKind === "list") return listDecoder(decode);
  if (field.fieldKind !== "map") return decode;
  if (field.mapKey !== ScalarType.STRING) throw new Error(`${field} has keys that are not strings`);
  return mapDecoder(rule.nullAsEmpty ? (json) => (json === null ? "" : decode(json)) : decode);
}

function listDecoder(decode: Decode): Decode {
  return (json) => {
    if (!Array.isArray(json)) throw new DecodeError("must be an array");
    return json.map((item, index) => {
      try {
        return decode(item);
      } catch (error) {
        throw within(`[${index}]`, error);
      }
    });
  };
}

function mapDecoder(decode: Decode): Decode {
  return (json) => {
    if (!(json instanceof Map)) throw new DecodeError("must be an object");
    const entries = {};
    for (const [key, value] of json) {
      try {
        setOwn(entries, key, decode(value));
      } catch (error) {
        throw within(`.${key}`, error);
      }
    }
    return entries;
  };
}

/** Reads the value of a field, an item of its list, or a value of its map. */
function valueDecoder(field: DescField, rule: FieldRule): Decode {
  if (field.enum !== undefined) return enumDecoder(field.enum);
  if (field.message === undefined) {
    if (rule.number) return decodeIntegerText;
    if (rule.rawJson) return decodeRawJson;
    return rule.scriptVariables ? decodeScriptVariable : scalarDecoder(field.scalar);
  }
  if (field.message.typeName === "google.protobuf.Struct") return decodeStruct;
  if (field.message.typeName === "google.protobuf.Duration") return decodeDuration;
  if (field.message.typeName === "google.protobuf.Timestamp") return decodeTimestamp;
  return messageDecoder(field.message);
}
