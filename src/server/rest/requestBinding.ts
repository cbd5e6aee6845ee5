import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import { bodyBinder, type PathParams } from "./bodyBinder.js";
import type { HttpRoute } from "./httpRoutes.js";
import { invalid } from "./invalid.js";
import { setField } from "./messageDecoder.js";
import { queryBinder } from "./queryBinder.js";
import { textReader } from "./textReader.js";

/** Makes request messages of HTTP requests, for one RPC under one route. */
export interface RequestBinding {
  readonly hasBody: boolean;
  /** False where an enum in the path has no such value: then there is no such path. */
  readonly accepts: (params: PathParams) => boolean;
  readonly read: (input: RequestInput) => BoundRequest;
}

interface RequestInput {
  readonly params: PathParams;
  /** What follows "?", still encoded. */
  readonly query: string;
  readonly body: Uint8Array;
}

interface BoundRequest {
  readonly message: Message;
  /** Names of the query parameters that were used, by field name. */
  readonly spellings: ReadonlyMap<string, string>;
}

/** Path variables come from the path, `body` from the body, the rest from the query. The body is checked first. */
export function requestBinding(
  method: DescMethod,
  { body, variables, fields }: HttpRoute,
): RequestBinding {
  const inPath = variables.map((field) => ({ field, ...textReader(field, "path param") }));
  const bindBody = body === "" ? () => create(method.input) : bodyBinder(method, body, fields);
  const bindQuery = queryBinder(body === "*" ? [] : fields);
  return {
    hasBody: body !== "",
    accepts: (params) =>
      inPath.every(({ field, read }) => {
        return field.fieldKind !== "enum" || read(params[field.name] ?? "") !== null;
      }),
    read: ({ params, query, body }) => {
      const message = bindBody(body, params);
      for (const { field, read, complaint } of inPath) {
        const value = read(params[field.name] ?? "");
        if (value === null) throw invalid("INVALID_PARAMETER", complaint(field.jsonName));
        setField(message, field, value);
      }
      const spellings = new Map<string, string>();
      bindQuery(query, message, spellings);
      return { message, spellings };
    },
  };
}
