import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  getOption,
} from "@bufbuild/protobuf";
import {
  enum_value as enumValueOption,
  type FieldRule,
  field as fieldOption,
  type MethodRule,
  method as methodOption,
} from "../../../gen/florin/rest/v1/options_pb.js";
import { isWellKnown } from "./wellKnown.js";

/** What the options of a field say about its REST form. */
export const fieldRule = (field: DescField): FieldRule => getOption(field, fieldOption);

/** What the options of an RPC say about its REST form. */
export const methodRule = (method: DescMethod): MethodRule => getOption(method, methodOption);

/** How a message looks in JSON: as an object, as the one field it has, or as the member its one oneof holds. */
export type Shape =
  | { readonly kind: "object"; readonly fields: readonly DescField[] }
  | { readonly kind: "field"; readonly field: DescField }
  | { readonly kind: "oneof"; readonly oneof: DescOneof };

export function shapeOf(message: DescMessage): Shape {
  if (isWellKnown(message)) throw new Error(`${message} has no REST form here`);
  const [field] = message.fields;
  if (field !== undefined && fieldRule(field).flatten) {
    if (message.fields.length > 1) throw new Error(`${field} is flattened, but has siblings`);
    return { kind: "field", field };
  }
  const [oneof] = message.oneofs;
  if (oneof !== undefined && oneof.fields.length === message.fields.length) {
    return { kind: "oneof", oneof };
  }
  return { kind: "object", fields: message.fields.filter((field) => !fieldRule(field).hidden) };
}

/** REST texts of an enum. The zero value has none unless its options give one: it stands for "not said". */
export interface EnumTexts {
  readonly byNumber: ReadonlyMap<number, string>;
  /** Aliases included. */
  readonly toNumber: ReadonlyMap<string, number>;
}

export function enumTexts(desc: DescEnum): EnumTexts {
  const byNumber = new Map<number, string>();
  const toNumber = new Map<string, number>();
  for (const value of desc.values) {
    const rule = getOption(value, enumValueOption);
    if (value.number === 0 && rule.name === "") continue;
    const name = rule.name || value.name.slice(desc.sharedPrefix?.length ?? 0);
    byNumber.set(value.number, name);
    for (const text of [name, ...rule.alias]) toNumber.set(text, value.number);
  }
  return { byNumber, toNumber };
}
