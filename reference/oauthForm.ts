import type { Schema } from "./schemas.js";
import { tagOf } from "./tags.js";

interface Form {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, Schema>>;
  readonly example: Readonly<Record<string, string>>;
  /** Null: an empty body. */
  readonly answer: Schema | null;
  readonly refused: readonly number[];
}

/** An endpoint that is asked by a form, and by clients that say who they are. */
export function form({ required, fields, example, answer, refused, ...about }: Form): Schema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, { type: "string", ...field }]),
  );
  const schema = { type: "object", required, properties };
  return {
    ...about,
    tags: [tagOf("/api/auth/oauth")],
    security: [{ Client: [] }, {}],
    requestBody: {
      required: true,
      content: { "application/x-www-form-urlencoded": { schema, example } },
    },
    responses: {
      200:
        answer === null
          ? { description: "Done; the answer has no body." }
          : json("The answer.", answer),
      ...refusedBy(refused),
    },
  };
}

export function tokenForm() {
  return {
    token: { description: "The token." },
    token_type_hint: { description: "Not needed." },
    client_id: { description: "Unless HTTP Basic says it." },
    client_secret: { description: "Unless HTTP Basic says it." },
  };
}

export function json(description: string, schema: Schema): Schema {
  return { description, content: { "application/json": { schema } } };
}

const MEANING: Readonly<Record<number, string>> = {
  400: "The request is not as it must be.",
  401: "The client or the token is not known, or not valid.",
  403: "The token may not be used for this.",
  429: "Too many attempts; `Retry-After` says when the next one may be made.",
};

export function refusedBy(statuses: readonly number[]): Record<string, Schema> {
  const error = { $ref: "#/components/schemas/OAuthError" };
  return Object.fromEntries(
    [
      ...statuses.map((status) => [status, MEANING[status] ?? ""] as const),
      ["default", "Anything else."] as const,
    ].map(([status, description]) => [status, json(description, error)]),
  );
}
