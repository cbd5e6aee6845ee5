import type { Schema, Schemas } from "./document.js";

/** The largest integers of a format. */
const BOUNDS: Readonly<Record<string, bigint>> = { int64: 2n ** 63n - 1n };

/** Of the keyword `integer`: both inclusive. */
export interface Range {
  readonly minimum: bigint | undefined;
  readonly maximum: bigint | undefined;
}

/**
 * `schema` as JSON Schema, references followed. An object may have the properties that are named and no others; an
 * integer is a bigint. Only what the document uses is known: anything else is an error, never passed over.
 */
export function toJsonSchema(schema: Schema, schemas: Schemas): object {
  const { example: _, nullable, type, ...rest } = whole(schema, schemas);
  const types = { type: nullable ? [type, "null"] : type };
  switch (type ?? "object") {
    case "string": {
      const { format, enum: texts, ...others } = rest;
      nothingLeft(others);
      if (format !== undefined && format !== "date-time") throw new Error(`format ${format}`);
      return { ...types, ...(format && DATE_TIME), ...(texts && { enum: texts }) };
    }
    case "integer": {
      const { format = "", minimum, maximum, ...others } = rest;
      nothingLeft(others);
      return {
        integer: { minimum: bound(minimum, format, -1n), maximum: bound(maximum, format, 1n) },
      };
    }
    case "boolean":
      nothingLeft(rest);
      return types;
    case "array": {
      const { items = {}, ...others } = rest;
      nothingLeft(others);
      return { ...types, items: toJsonSchema(items, schemas) };
    }
    case "object":
      return { ...types, type: types.type ?? "object", ...toProperties(rest, schemas) };
  }
}

/** `schema` with its reference followed, or its parts, which all are objects with properties, made one. */
function whole(schema: Schema, schemas: Schemas): Omit<Schema, "$ref" | "allOf"> {
  const { $ref, allOf, ...rest } = schema;
  if ($ref !== undefined) {
    const referred = schemas[$ref.replace("#/components/schemas/", "")];
    if (referred === undefined) throw new Error(`no schema ${$ref}`);
    return whole(referred, schemas);
  }
  if (allOf === undefined) return rest;
  nothingLeft(rest);
  const parts = allOf.map((part) => whole(part, schemas));
  for (const { type: _, properties: _properties, required: _required, ...others } of parts) {
    nothingLeft(others);
  }
  return {
    type: "object",
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  };
}

function toProperties(schema: Schema, schemas: Schemas): object {
  const { properties = {}, additionalProperties, required = [], ...others } = schema;
  nothingLeft(others);
  const named = Object.entries(properties).map(([name, property]) => [
    name,
    toJsonSchema(property, schemas),
  ]);
  if (named.length > 0) {
    return { properties: Object.fromEntries(named), required, additionalProperties: false };
  }
  const isFree =
    additionalProperties === undefined || Object.keys(additionalProperties).length === 0;
  return isFree ? {} : { additionalProperties: toJsonSchema(additionalProperties, schemas) };
}

/** RFC 3339 with a zone; ajv's format alone would also take a space for the "T". */
const DATE_TIME = { format: "date-time", pattern: "^\\S+T\\S+$" };

function bound(given: number | undefined, format: string, sign: bigint): bigint | undefined {
  if (given !== undefined) return BigInt(given);
  const most = BOUNDS[format];
  return most === undefined ? undefined : sign * most;
}

function nothingLeft(others: object): void {
  const keys = Object.keys(others);
  if (keys.length > 0)
    throw new Error(`the document uses ${keys.join(", ")}, which is not known here`);
}
