import { create, type DescField, type DescMethod, type Message } from "@bufbuild/protobuf";
import { type Json, JsonSyntaxError, parseJson } from "../../lib/parseJson.js";
import { DecodeError } from "./decodeError.js";
import { invalid } from "./invalid.js";
import { fieldDecoder, objectDecoder, setField } from "./messageDecoder.js";
import { fieldRule, methodRule } from "./rules.js";
import { variantDecoder } from "./variantDecoder.js";
import { isWellKnown } from "./wellKnown.js";

/** Reads a body as a request message: all of it, or one of its fields. */
export type BindBody = (body: Uint8Array, params: PathParams) => Message;

/** Variables of a path, percent-decoded, by field name. */
export type PathParams = Readonly<Record<string, string | undefined>>;

/** Reads JSON, or undefined for an empty body. */
type Decode = (json: Json | undefined, params: PathParams) => Message;

/** `body` is that of google.api.http: "*", which means `fields`, or the name of one field. */
export function bodyBinder(
  method: DescMethod,
  body: string,
  fields: readonly DescField[],
): BindBody {
  const { invalidBody } = methodRule(method);
  const decode = body === "*" ? wholeDecoder(method, fields) : partDecoder(method, body);
  return (bytes, params) => {
    try {
      return decode(bytes.length === 0 ? undefined : parseJson(decodeUtf8(bytes)), params);
    } catch (error) {
      const isSyntax = error instanceof JsonSyntaxError;
      if (!isSyntax && !(error instanceof DecodeError)) throw error;
      const prefix = invalidBody || (isSyntax ? "invalid JSON" : "");
      throw invalid("INVALID_BODY", prefix === "" ? error.message : `${prefix}: ${error.message}`);
    }
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new DecodeError("is not UTF-8");
  }
}

function wholeDecoder({ input }: DescMethod, fields: readonly DescField[]): Decode {
  const decode = objectDecoder(input, fields);
  return (json) => (json === undefined ? create(input) : (decode(json) as Message));
}

function partDecoder(method: DescMethod, name: string): Decode {
  const { input } = method;
  const field = input.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${method} has no field "${name}" for its body`);
  const decode = valueDecoder(method, field);
  // An empty body is an empty message, but it is no map, list or document.
  const mayBeEmpty = field.fieldKind === "message" && !isWellKnown(field.message);
  return (json, params) => {
    if (json === undefined && !mayBeEmpty) throw new DecodeError("is required");
    const message = create(input);
    setField(message, field, decode(json === undefined ? new Map() : json, params));
    return message;
  };
}

function valueDecoder(
  method: DescMethod,
  field: DescField,
): (json: Json, params: PathParams) => unknown {
  const { variantBy } = fieldRule(field);
  if (variantBy === "") return fieldDecoder(field);
  const choice = method.input.fields.find((candidate) => candidate.name === variantBy);
  if (choice?.enum === undefined || field.message === undefined) {
    throw new Error(`${field} cannot be chosen by "${variantBy}"`);
  }
  const decode = variantDecoder(field.message, choice.enum);
  return (json, params) => decode(params[variantBy] ?? "", json);
}
