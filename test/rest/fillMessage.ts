import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { fieldRuleOf } from "../support/protos.js";

/**
 * A message with every field set. `round` chooses among the values of enums and the members of oneofs: over
 * enough rounds, each has its turn.
 */
export function fillMessage(desc: DescMessage, round: number): Message {
  const message = create(desc);
  const values = message as unknown as Record<string, unknown>;
  for (const member of desc.members) {
    if (member.kind === "field") values[member.localName] = fillField(member, round);
    else {
      const field = pick(member.fields, round);
      values[member.localName] = { case: field.localName, value: fillField(field, round) };
    }
  }
  return message;
}

function fillField(field: DescField, round: number): unknown {
  const value = fillValue(field, round);
  if (field.fieldKind === "list") return [value];
  return field.fieldKind === "map" ? { key: value } : value;
}

function fillValue(field: DescField, round: number): unknown {
  if (field.enum !== undefined) {
    return pick(
      field.enum.values.filter(({ number }) => number !== 0),
      round,
    ).number;
  }
  if (field.message !== undefined) {
    const { typeName } = field.message;
    if (typeName === "google.protobuf.Struct") return { some: "thing" } satisfies JsonObject;
    return fillMessage(field.message, round);
  }
  if (field.scalar === ScalarType.STRING) return fieldRuleOf(field).rawJson ? "{}" : "7";
  if (field.scalar === ScalarType.BOOL) return true;
  return is64Bit(field.scalar) ? 7n : 7;
}

const is64Bit = (scalar: ScalarType) =>
  [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64].includes(scalar);

function pick<T>(choices: readonly T[], round: number): T {
  const choice = choices[round % choices.length];
  if (choice === undefined) throw new Error("nothing to choose from");
  return choice;
}
