import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { Empty, type FieldRule } from "../gen/florin/rest/v1/options_pb.js";
import { integerRange } from "../src/server/rest/integers.js";
import { enumTexts, fieldRule, shapeOf } from "../src/server/rest/rules.js";
import { serviceOf } from "./names.js";
import type { Protos } from "./readProtos.js";

/** JSON Schema, as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Which way a value goes: what is sent in may lack what answers always have, and may be written in more ways. */
export type Way = "request" | "answer";

export interface Schemas {
  /** Of a list, a map or a single value. */
  readonly ofField: (field: DescField, way: Way) => Schema;
  /** Of a message: a reference. */
  readonly ofMessage: (message: DescMessage, way: Way) => Schema;
  /** Of an object that has only some `fields` of a message. */
  readonly ofFields: (fields: readonly DescField[], way: Way) => Schema;
  /** Those that were asked for, and all that they refer to, by name. */
  readonly all: () => Record<string, Schema>;
}

export interface SchemasOptions extends Pick<Protos, "commentOf"> {
  readonly nameOf: (type: DescMessage | DescEnum) => string;
  /** Messages that answers are or hold: in requests they have another name. */
  readonly answered: ReadonlySet<DescMessage>;
  /** Error codes of a service, "Ledger". */
  readonly errorCodesOf: (service: string) => readonly string[];
}

/** Describes the REST form of messages by the rules that the server encodes and decodes them by. */
export function createSchemas(options: SchemasOptions): Schemas {
  const { commentOf, nameOf, answered, errorCodesOf } = options;
  const components: Record<string, Schema> = {};

  function refer(name: string, describe: () => Schema): Schema {
    if (!(name in components)) {
      // Before it is described: a message may contain itself.
      components[name] = {};
      components[name] = describe();
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function ofMessage(message: DescMessage, way: Way): Schema {
    const suffix = way === "request" && answered.has(message) ? "Input" : "";
    return refer(nameOf(message) + suffix, () => ({
      ...shaped(message, way),
      description: commentOf(message),
    }));
  }

  function shaped(message: DescMessage, way: Way): Schema {
    const shape = shapeOf(message);
    if (shape.kind === "field") return ofField(shape.field, way);
    if (shape.kind === "oneof") {
      return { anyOf: shape.oneof.fields.map((field) => ofField(field, way)) };
    }
    return ofFields(shape.fields, way);
  }

  function ofFields(fields: readonly DescField[], way: Way): Schema {
    const inlined = fields.filter((field) => fieldRule(field).inline);
    const listed = fields.filter((field) => !inlined.includes(field));
    const required = listed
      .filter((field) => (way === "answer" ? isAlwaysSent(field) : isRequired(field)))
      .flatMap((field) => keysOf(field, way));
    const own = {
      type: "object",
      properties: Object.fromEntries(listed.flatMap((field) => propertiesOf(field, way))),
      ...(required.length > 0 && { required }),
    };
    if (inlined.length === 0) return own;
    return { allOf: [own, ...inlined.map((field) => ofField(field, way))] };
  }

  /** A field under its key and, in answers, under its second one. */
  function propertiesOf(field: DescField, way: Way): [string, Schema][] {
    const property = { ...nullable(field, way), ...described(field) };
    const [key = "", twin] = keysOf(field, way);
    if (twin === undefined) return [[key, property]];
    const isDeprecated = twin.includes("_");
    return [
      [key, property],
      [
        twin,
        {
          ...nullable(field, way),
          description: `The same as \`${key}\`.`,
          ...(isDeprecated && { deprecated: true }),
        },
      ],
    ];
  }

  const described = (field: DescField): Schema => {
    const comment = commentOf(field);
    const [, number] = /\bDefault (\d+)[.,;]/.exec(comment) ?? [];
    return { description: comment, ...(number !== undefined && { default: Number(number) }) };
  };

  function nullable(field: DescField, way: Way): Schema {
    const schema = ofField(field, way);
    if (way === "request" || fieldRule(field).empty !== Empty.NULL) return schema;
    return { ...schema, type: [schema["type"], "null"] };
  }

  function ofField(field: DescField, way: Way): Schema {
    const rule = fieldRule(field);
    const value = ofValue(field, rule, way);
    if (field.fieldKind === "list") return { type: "array", items: value };
    if (field.fieldKind !== "map") return value;
    const isNullable = rule.nullAsEmpty && way === "request";
    return {
      type: "object",
      additionalProperties: isNullable ? { ...value, type: [value["type"], "null"] } : value,
    };
  }

  function ofValue(field: DescField, rule: FieldRule, way: Way): Schema {
    if (field.enum !== undefined) return ofEnum(field.enum);
    if (field.message !== undefined) {
      return wellKnown(field.message, way) ?? ofMessage(field.message, way);
    }
    if (rule.number) return { type: "integer" };
    if (rule.rawJson) return { type: "object", additionalProperties: true };
    if (rule.scriptVariables && way === "request") return SCRIPT_VARIABLE;
    // Text in the protos, so that it can grow; in REST it is one of those that errors have.
    if (field.name === "error_code") {
      return { type: "string", enum: errorCodesOf(serviceOf(field.parent.file)) };
    }
    return ofScalar(field.scalar);
  }

  function ofEnum(desc: DescEnum): Schema {
    return refer(nameOf(desc), () => {
      const { byNumber } = enumTexts(desc);
      const lines = [...byNumber].map(
        ([number, text]) => `- \`${text}\`: ${commentOf(desc.value[number] as never)}`,
      );
      return {
        type: "string",
        enum: [...byNumber.values()],
        description: [commentOf(desc), lines.join("\n")].join("\n\n"),
      };
    });
  }

  const isRequired = (field: DescField): boolean => /\bRequired\b/.test(commentOf(field));

  /** Empty or not, and what can be empty is not left out. Where options do not decide, its comment says when it is absent. */
  function isAlwaysSent(field: DescField): boolean {
    const { empty, number, rawJson } = fieldRule(field);
    if (empty !== Empty.UNSPECIFIED) return true;
    if (field.oneof !== undefined || /\babsent\b/i.test(commentOf(field))) return false;
    if (field.fieldKind === "scalar") return number || rawJson;
    return field.fieldKind === "message" || field.fieldKind === "enum";
  }

  return { ofField, ofMessage, ofFields, all: () => components };
}

/** Under which keys a field is sent; requests are described by the first alone. */
function keysOf(field: DescField, way: Way): string[] {
  const { twin } = fieldRule(field);
  return twin === "" || way === "request" ? [field.jsonName] : [field.jsonName, twin];
}

function wellKnown({ typeName }: DescMessage, way: Way): Schema | null {
  if (typeName === "google.protobuf.Struct") return { type: "object", additionalProperties: true };
  if (typeName === "google.protobuf.Timestamp") return { type: "string", format: "date-time" };
  if (typeName !== "google.protobuf.Duration") return null;
  return way === "answer" ? { type: "string" } : DURATION;
}

const DURATION = {
  anyOf: [
    { type: "string", description: 'As in Go: "2m0s".' },
    { type: "integer", description: "Nanoseconds." },
    { type: "object", properties: { duration: { type: "integer" } }, required: ["duration"] },
  ],
};

const SCRIPT_VARIABLE = {
  anyOf: [
    { type: "string", description: "In Numscript's own notation." },
    { type: "integer" },
    {
      type: "object",
      description: "A monetary.",
      properties: {
        asset: { type: "string" },
        amount: { anyOf: [{ type: "integer" }, { type: "string" }] },
      },
      required: ["asset", "amount"],
    },
  ],
};

function ofScalar(scalar: ScalarType): Schema {
  const range = integerRange(scalar);
  if (range !== undefined) {
    return {
      type: "integer",
      format: range.max >= 2n ** 31n ? "int64" : "int32",
      ...(range.min === 0n && { minimum: 0 }),
    };
  }
  if (scalar === ScalarType.STRING) return { type: "string" };
  if (scalar === ScalarType.BOOL) return { type: "boolean" };
  if (scalar === ScalarType.BYTES) return { type: "string", contentEncoding: "base64" };
  return { type: "number" };
}
