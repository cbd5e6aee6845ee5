import type { DescField } from "@bufbuild/protobuf";
import { queryName } from "../src/server/rest/queryBinder.js";
import { fieldRule } from "../src/server/rest/rules.js";
import type { Protos } from "./readProtos.js";
import type { Schema, Schemas } from "./schemas.js";

/** Query parameters, each with its further spellings behind it. */
export const queryParameters = (
  fields: readonly DescField[],
  schemas: Schemas,
  commentOf: Protos["commentOf"],
): Schema[] =>
  fields.flatMap((field) => {
    const name = queryName(field);
    const comment = commentOf(field);
    const { queryAlias, queryMap } = fieldRule(field);
    const [, number] = /\bDefault (\d+)[.,;]/.exec(comment) ?? [];
    const parameter = {
      name,
      in: "query",
      description: comment,
      ...(queryMap && { style: "deepObject", explode: true }),
      schema: {
        ...schemas.ofField(field, "request"),
        ...(number !== undefined && { default: Number(number) }),
      },
    };
    const twins = queryAlias.map((alias) => ({
      ...parameter,
      name: alias,
      description: `Another spelling of \`${name}\`, for older clients.`,
      deprecated: true,
    }));
    return [parameter, ...twins];
  });
