import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";

/** The document lies beside the repository where Florin is developed. Elsewhere answers are not held against it. */
const PATH = "../shared/contract/openapi-v1.0.20230710.json";

interface Operation {
  readonly verb: string;
  readonly path: RegExp;
  /** By status: the schema, or null where there is no body. */
  readonly answers: ReadonlyMap<string, object | null>;
}

/** Slips of the document, and what the contract adds to it. What is not named in a schema may always be there. */
const AMENDMENTS: readonly (readonly [from: string, to: string])[] = [
  // Two connectors came after the document.
  [
    '"CURRENCY-CLOUD","BANKING-CIRCLE"]',
    '"CURRENCY-CLOUD","BANKING-CIRCLE","MANGOPAY","MONEYCORP"]',
  ],
  // Its statuses are of payments and tasks in one, and it forgot one of each.
  ['"FAILED","SUCCEEDED","CANCELLED"]', '"FAILED","SUCCEEDED","CANCELLED","OTHER"]'],
  // A task of one connector looks like one of another; and a transfer that is pending has no error.
  ['"oneOf"', '"anyOf"'],
  ['"error":{"type":"string"}', '"error":{"type":"string","nullable":true}'],
];

/** Tells what the document has against an answer of payments; nothing if it is as documented. Refusals it does not know. */
export const problemsOf: (verb: string, path: string, status: number, body: unknown) => string[] =
  existsSync(PATH) ? createCheck() : () => [];

function createCheck() {
  const document = JSON.parse(readFileSync(PATH, "utf8"));
  let schemas = JSON.stringify(document.components.schemas);
  for (const [from, to] of AMENDMENTS) {
    if (!schemas.includes(from)) throw new Error(`the document no longer says ${from}`);
    schemas = schemas.replaceAll(from, to);
  }
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  const amended = JSON.parse(schemas);
  // "connector" and "key" stand for any name there.
  const { connector } = amended.ConnectorsConfigsResponse.properties.data.properties;
  amended.ConnectorsConfigsResponse.properties.data = mapOf(mapOf(connector.properties.key));
  ajv.addSchema({ $id: "document", components: { schemas: amended } });
  const operations = Object.entries<Record<string, { responses: Responses }>>(document.paths)
    .filter(([path]) => path.startsWith("/api/payments/"))
    .flatMap(([path, verbs]) =>
      Object.entries(verbs).map(
        ([verb, { responses }]): Operation => ({
          verb: verb.toUpperCase(),
          path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
          answers: new Map(
            Object.entries(responses).map(([status, { $ref, ...own }]) => {
              const { content } = $ref
                ? document.components.responses[$ref.split("/").at(-1) ?? ""]
                : own;
              return [status, content?.["application/json"]?.schema ?? null];
            }),
          ),
        }),
      ),
    );
  return (verb: string, path: string, status: number, body: unknown): string[] => {
    const pathname = path.split("?")[0] ?? "";
    const operation = operations.find((it) => it.verb === verb && it.path.test(pathname));
    if (operation === undefined || status >= 400) return [];
    const schema = operation.answers.get(String(status));
    if (schema === undefined) return [`${verb} ${path} does not answer ${status}`];
    if (schema === null) return body === undefined ? [] : [`${verb} ${path} has no body`];
    const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const validate = ajv.compile(JSON.parse(text));
    if (validate(body)) return [];
    return [`${verb} ${path}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`];
  };
}

function mapOf(schema: object): object {
  return { type: "object", additionalProperties: schema };
}

type Responses = Record<
  string,
  { $ref?: string; content?: { "application/json"?: { schema: object } } }
>;
