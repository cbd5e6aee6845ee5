import type { Schema } from "./schemas.js";
import { tagOf } from "./tags.js";

/** Served beside the RPCs: monitors ask by URL alone. */
export const healthPaths: Readonly<Record<string, Schema>> = {
  "/_healthcheck": {
    get: {
      operationId: "getHealth",
      summary: "Tells whether Florin can do its work",
      description:
        "Looks at what Florin cannot work without, at most once in a second. `/api/auth/_healthcheck`, `/api/ledger/_healthcheck` and `/api/payments/_healthcheck` answer the same: it is one process.",
      tags: [tagOf("/_healthcheck")],
      security: [],
      responses: {
        200: answer("All is well.", { database: "OK" }),
        500: answer("Something is missing.", { database: "unavailable" }),
      },
    },
  },
};

function answer(description: string, example: Schema): Schema {
  const schema = {
    type: "object",
    additionalProperties: { type: "string", enum: ["OK", "unavailable"] },
  };
  return { description, content: { "application/json": { schema, example } } };
}
