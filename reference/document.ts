import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { methodRule } from "../src/server/rest/rules.js";
import { errorCodesOf, errorSchemas } from "./errorSchemas.js";
import type { Example } from "./examples/example.js";
import { healthPaths } from "./health.js";
import { nameTypes } from "./names.js";
import { oauthPaths, oauthSchemas } from "./oauth.js";
import { operationsOf } from "./operation.js";
import type { Protos } from "./readProtos.js";
import { createSchemas, type Schema } from "./schemas.js";
import { securitySchemes } from "./security.js";
import { tags } from "./tags.js";

export interface DocumentOptions extends Protos {
  /** Without a "v". */
  readonly version: string;
  /** Markdown. */
  readonly introduction: string;
  readonly examples: Readonly<Record<string, Example>>;
}

/** The OpenAPI 3.1 document of everything that is served over REST. */
export function createDocument(options: DocumentOptions): Schema {
  const { files, commentOf, version, introduction, examples } = options;
  const methods = files
    .flatMap(({ services }) => services)
    .flatMap((service) => service.methods)
    .filter((method) => !methodRule(method).rpcOnly);
  const schemas = createSchemas({
    commentOf,
    nameOf: nameTypes(files),
    answered: reachable(methods.map(({ output }) => output)),
    errorCodesOf,
  });
  const paths: Record<string, Record<string, Schema>> = {};
  const exampleOf = (operationId: string) => examples[operationId];
  for (const method of methods) {
    for (const { path, verb, operation } of operationsOf(method, {
      commentOf,
      schemas,
      exampleOf,
    })) {
      paths[path] = { ...paths[path], [verb]: operation };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Florin",
      summary: "Auth, Ledger and Payments over REST",
      description: introduction,
      version,
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "This server" }],
    security: [{ Authorization: [] }, { OpenID: [] }],
    tags,
    paths: { ...paths, ...oauthPaths, ...healthPaths },
    components: {
      schemas: { ...schemas.all(), ...errorSchemas(), ...oauthSchemas },
      securitySchemes,
    },
  };
}

/** `roots`, and all messages that they hold in REST. */
function reachable(roots: readonly DescMessage[]): Set<DescMessage> {
  const found = new Set(roots);
  // A set visits what is added while it is being visited.
  for (const { fields } of found) {
    for (const { message } of fields as readonly DescField[]) {
      if (message !== undefined) found.add(message);
    }
  }
  return found;
}
