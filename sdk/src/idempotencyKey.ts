import {
  create,
  type DescMessage,
  type DescMethodUnary,
  isMessage,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";

const FIELD = "idempotencyKey";

/** Whether requests of `method` have a place for an idempotency key: then it may be repeated. */
export const takesKey = (method: DescMethodUnary): boolean => hasField(method.input);

const hasField = (schema: DescMessage): boolean =>
  schema.fields.some(({ localName }) => localName === FIELD);

/**
 * A copy of `request`, so that its repeats are the same whatever the caller does with it meanwhile (of plain objects, that is:
 * messages inside it are not copied). If it takes an idempotency key and has none, it gets the one `given` beside it, else
 * one of its own.
 */
export function withKey<I extends DescMessage>(
  schema: I,
  request: MessageInitShape<I>,
  given: string | null = null,
): MessageShape<I> {
  const copy = isMessage(request, schema)
    ? Object.assign(create(schema), request)
    : create(schema, request);
  const fields = copy as Record<string, unknown>;
  if (hasField(schema) && !fields[FIELD]) fields[FIELD] = given || newKey();
  return copy;
}

/** 128 random bits in hex. Not `randomUUID`, which browsers only have on pages that came by HTTPS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
