import type { DescMethod } from "@bufbuild/protobuf";
import { type HttpRoute, httpRoutes } from "../src/server/rest/httpRoutes.js";
import { fieldRule, methodRule } from "../src/server/rest/rules.js";
import type { Example } from "./examples/example.js";
import { serviceOf } from "./names.js";
import { queryParameters } from "./parameters.js";
import type { Protos } from "./readProtos.js";
import { refusals } from "./refusals.js";
import { answerOf } from "./responses.js";
import type { Schema, Schemas } from "./schemas.js";
import { securityOf } from "./security.js";
import { tagOf } from "./tags.js";

export interface OperationOptions extends Pick<Protos, "commentOf"> {
  readonly schemas: Schemas;
  readonly exampleOf: (operationId: string) => Example | undefined;
}

/** One operation of the document. */
export interface DescribedOperation {
  /** "/api/ledger/{ledger}/stats". */
  readonly path: string;
  /** In lower case. */
  readonly verb: string;
  readonly operation: Schema;
}

/** The REST operations of an RPC. */
export function operationsOf(
  method: DescMethod,
  options: OperationOptions,
): readonly DescribedOperation[] {
  return httpRoutes(method).map((route) => {
    const path = route.pattern.replaceAll(/:(\w+)/g, (_, name: string) => {
      const field = route.variables.find((variable) => variable.name === name);
      return `{${field?.jsonName}}`;
    });
    const verb = route.verb.toLowerCase();
    return { path, verb, operation: operationOf(method, route, path, options) };
  });
}

function operationOf(
  method: DescMethod,
  route: HttpRoute,
  path: string,
  options: OperationOptions,
): Schema {
  const { commentOf, schemas, exampleOf } = options;
  const operationId = operationIdOf(method);
  const example = exampleOf(operationId);
  const comment = commentOf(method);
  const parameters = parametersOf(method, route, options, example);
  const body = requestBody(method, route, options, example);
  return {
    operationId,
    summary: summaryOf(comment),
    description: comment,
    tags: [tagOf(path)],
    ...(method.deprecated && { deprecated: true }),
    security: securityOf(methodRule(method)),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      ...answerOf(method, schemas, example),
      ...refusals({
        service: serviceOf(method.parent.file),
        comment,
        hasBody: body !== null,
        hasInput: parameters.length > 0,
        isOpen: methodRule(method).open,
        isHead: route.verb === "HEAD",
      }),
    },
  };
}

/** As the published document has them: two services may have an RPC of the same name there too. */
const PUBLISHED_IDS: Readonly<Record<string, string>> = {
  "florin.ledger.v1.LedgerService.CreateTransactions": "CreateTransactions",
  "florin.payments.v1.PaymentsService.GetServerInfo": "paymentsgetServerInfo",
  "florin.payments.v1.PaymentsService.ListAccounts": "paymentslistAccounts",
};

const operationIdOf = ({ name, parent }: DescMethod): string =>
  PUBLISHED_IDS[`${parent.typeName}.${name}`] ?? name.slice(0, 1).toLowerCase() + name.slice(1);

/** The first sentence, without its full stop. */
const summaryOf = (comment: string): string =>
  (/^.*?(?=[.;:](\s|$))/s.exec(comment)?.[0] ?? comment).replaceAll("`", "");

function parametersOf(
  method: DescMethod,
  { body, variables, fields }: HttpRoute,
  { schemas, commentOf }: OperationOptions,
  example: Example | undefined,
): Schema[] {
  const known = example?.parameters ?? {};
  const withExample = (parameter: Schema): Schema => {
    const value = known[String(parameter["name"])];
    return value === undefined ? parameter : { ...parameter, example: value };
  };
  const inPath = variables.map((field) => ({
    name: field.jsonName,
    in: "path",
    required: true,
    description: commentOf(field),
    schema: schemas.ofField(field, "request"),
  }));
  const inQuery = body === "*" ? [] : queryParameters(fields, schemas, commentOf);
  return [...inPath, ...inQuery, ...headers(method, schemas, commentOf)].map(withExample);
}

function headers({ input }: DescMethod, schemas: Schemas, commentOf: Protos["commentOf"]) {
  return input.fields.flatMap((field): Schema[] => {
    const { header } = fieldRule(field);
    if (header === "") return [];
    const schema = schemas.ofField(field, "request");
    return [{ name: header, in: "header", description: commentOf(field), schema }];
  });
}

function requestBody(
  { input }: DescMethod,
  { body, fields }: HttpRoute,
  { schemas, commentOf }: OperationOptions,
  example: Example | undefined,
): Schema | null {
  if (body === "") return null;
  const field = input.fields.find(({ name }) => name === body);
  const content = {
    schema:
      field === undefined ? schemas.ofFields(fields, "request") : schemas.ofField(field, "request"),
    ...(example?.body !== undefined && { example: example.body }),
  };
  return {
    required: true,
    description: commentOf(field ?? input),
    content: { "application/json": content },
  };
}
