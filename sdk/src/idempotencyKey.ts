import {
  create,
  type DescMessage,
  type DescMethodUnary,
  isMessage,
  type MessageInitShape,
} from "@bufbuild/protobuf";

const FIELD = "idempotencyKey";

/** Whether requests of `method` have a place for an idempotency key: then it may be repeated. */
export const takesKey = (method: DescMethodUnary): boolean => hasField(method.input);

const hasField = (schema: DescMessage): boolean =>
  schema.fields.some(({ localName }) => localName === FIELD);

/** `request` with an idempotency key of its own, if it takes one and has none. What the caller gave is left as it is. */
export function withKey<I extends DescMessage>(
  schema: I,
  request: MessageInitShape<I>,
): MessageInitShape<I> {
  const given = (request as Record<string, unknown>)[FIELD];
  if (!hasField(schema) || (given !== undefined && given !== "")) return request;
  const key = { [FIELD]: newKey() };
  return isMessage(request, schema)
    ? Object.assign(create(schema), request, key)
    : create(schema, { ...request, ...key } as MessageInitShape<I>);
}

/** 128 random bits in hex. Not `randomUUID`, which browsers only have on pages that came by HTTPS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
