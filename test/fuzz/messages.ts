import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
} from "@bufbuild/protobuf";
import fc, { type Arbitrary } from "fast-check";
import { hostileText, scalarFor, type Words } from "./words.js";

/** Messages that the types of `desc` allow; most of their fields are set, mostly to what fits. */
export function messagesOf(desc: DescMessage, known: Words): Arbitrary<Message> {
  const members = Object.fromEntries(
    desc.members.map((member) => [
      member.localName,
      member.kind === "oneof"
        ? oneofValues(member, known)
        : fc.option(fieldValues(member, known), { freq: 5, nil: undefined }),
    ]),
  );
  return fc.record(members).map((init) => create(desc, init));
}

function oneofValues({ fields }: DescOneof, known: Words): Arbitrary<unknown> {
  const cases = fields.map((field) =>
    fieldValues(field, known).map((value) => ({ case: field.localName, value })),
  );
  return fc.option(fc.oneof(...cases), { freq: 8, nil: undefined });
}

function fieldValues(field: DescField, known: Words): Arbitrary<unknown> {
  const value = valuesOf(field, known);
  if (field.fieldKind === "list") return fc.array(value, { maxLength: 3 });
  if (field.fieldKind !== "map") return value;
  return fc.dictionary(fc.oneof(fc.constantFrom("a", "kind"), hostileText), value, { maxKeys: 3 });
}

function valuesOf(field: DescField, known: Words): Arbitrary<unknown> {
  if (field.enum !== undefined) {
    const numbers = field.enum.values.map(({ number }) => number);
    return fc.constantFrom(...numbers, ...numbers, 99, -1, 2 ** 31 - 1);
  }
  if (field.message !== undefined) {
    return WELL_KNOWN[field.message.typeName] ?? messagesOf(field.message, known);
  }
  return scalarFor(field, known);
}

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, 1, -0, 1e21, 0.1, 2 ** 53, "a"),
    hostileText,
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.oneof(fc.constantFrom("a", "b"), hostileText), tie("value"), {
    maxKeys: 3,
  }),
})).object;

const seconds = fc.oneof(
  fc.bigInt({ min: 0n, max: 4_000_000_000n }),
  fc.constantFrom(0n, 3600n, -1n, 10n ** 12n, -(10n ** 12n), 2n ** 63n - 1n, -(2n ** 63n)),
);
const nanos = fc.constantFrom(0, 1, 999_999_999, 1_000_000_000, -1, 2 ** 31 - 1);

const WELL_KNOWN: Readonly<Record<string, Arbitrary<unknown>>> = {
  "google.protobuf.Struct": json,
  "google.protobuf.Timestamp": fc.record({ seconds, nanos }),
  "google.protobuf.Duration": fc.record({ seconds, nanos }),
};
