import { data, fields, type Operation } from "./operation.js";

const clientOptions = {
  public: "boolean",
  redirectUris: ["string"],
  description: "string",
  name: "string",
  trusted: "boolean",
  postLogoutRedirectUris: ["string"],
  metadata: "object",
} as const;

const client = fields({
  ...clientOptions,
  id: "string",
  scopes: ["string"],
  secrets: [fields({ id: "string", name: "string", lastDigits: "string", metadata: "object" })],
});

const secretOptions = { name: "string", metadata: "object" } as const;
const scopeOptions = { label: "string", metadata: "object" } as const;
const scope = fields({ ...scopeOptions, id: "string", transient: ["string"] });
const user = fields({ id: "string", subject: "string", email: "string" });

export const authOperations: readonly Operation[] = [
  { call: "GET /api/auth/_info", status: 200, answer: fields({ version: "string" }) },
  { call: "GET /api/auth/clients", status: 200, answer: data([client]) },
  {
    call: "POST /api/auth/clients",
    body: fields(clientOptions),
    status: 201,
    answer: data(client),
  },
  { call: "GET /api/auth/clients/{clientId}", status: 200, answer: data(client) },
  {
    call: "PUT /api/auth/clients/{clientId}",
    body: fields(clientOptions),
    status: 200,
    answer: data(client),
  },
  { call: "DELETE /api/auth/clients/{clientId}", status: 204 },
  {
    call: "POST /api/auth/clients/{clientId}/secrets",
    body: fields(secretOptions),
    status: 200,
    answer: data(fields({ ...secretOptions, id: "string", lastDigits: "string", clear: "string" })),
  },
  { call: "DELETE /api/auth/clients/{clientId}/secrets/{secretId}", status: 204 },
  { call: "PUT /api/auth/clients/{clientId}/scopes/{scopeId}", status: 204 },
  { call: "DELETE /api/auth/clients/{clientId}/scopes/{scopeId}", status: 204 },
  { call: "GET /api/auth/scopes", status: 200, answer: data([scope]) },
  { call: "POST /api/auth/scopes", body: fields(scopeOptions), status: 201, answer: data(scope) },
  { call: "GET /api/auth/scopes/{scopeId}", status: 200, answer: data(scope) },
  {
    call: "PUT /api/auth/scopes/{scopeId}",
    body: fields(scopeOptions),
    status: 200,
    answer: data(scope),
  },
  { call: "DELETE /api/auth/scopes/{scopeId}", status: 204 },
  { call: "PUT /api/auth/scopes/{scopeId}/transient/{transientScopeId}", status: 204 },
  { call: "DELETE /api/auth/scopes/{scopeId}/transient/{transientScopeId}", status: 204 },
  { call: "GET /api/auth/users", status: 200, answer: data([user]) },
  { call: "GET /api/auth/users/{userId}", status: 200, answer: data(user) },
];
