/** One request of an operation, and what must come of it. */
export interface Case {
  readonly when: string;
  /** Below "/api/auth"; "<shop>", "<till>", "<key>", "<sell>", "<buy>" and "<ann>" stand for ids of what is there. */
  readonly at: string;
  /** An object is sent as JSON, a text as it stands. */
  readonly body?: object | string;
  readonly status: number;
  /** What the answer must hold, at least. */
  readonly answer?: object;
  /** "CODE: message" of a refusal, or its code alone. */
  readonly refusal?: string;
}

function refused(when: string, at: string, refusal: string, body?: object | string): Case {
  const status = refusal.startsWith("NOT_FOUND") ? 404 : refusal.startsWith("CONFLICT") ? 409 : 400;
  return { when, at, status, refusal, ...(body !== undefined && { body }) };
}

const NO_NAME = "VALIDATION: name must have 1 to 255 characters";
const NO_CLIENT = "NOT_FOUND: client none not found";
const NO_SCOPE = "NOT_FOUND: scope none not found";

const badClients = (at: string): Case[] => [
  refused("no name", at, NO_NAME, {}),
  refused("no body", at, NO_NAME),
  refused("another type", at, "VALIDATION", { name: 1 }),
  refused("no JSON", at, "VALIDATION", "{"),
  refused("a bad redirect URI", at, "VALIDATION: redirectUris[0] must not have a fragment", {
    name: "a",
    redirectUris: ["https://a.example/#b"],
  }),
];

const badScopes = (at: string): Case[] => [
  refused("no label", at, "VALIDATION", {}),
  refused("a taken label", at, "CONFLICT: there is a scope of the label buy already", {
    label: "buy",
  }),
];

const client = { id: "shop", name: "Shop", scopes: ["<sell>"], secrets: [{ id: "<key>" }] };
const scope = { id: "<sell>", label: "sell", transient: ["<buy>"] };
const user = { id: "<ann>", subject: "upstream-1", email: "ann@example.com" };

/** By operation, as the published document writes it. The first case is its success. */
export const CASES: Readonly<Record<string, readonly [Case, ...Case[]]>> = {
  "GET /api/auth/_info": [
    { when: "at all", at: "/_info", status: 200, answer: { version: "<version>" } },
  ],
  "GET /api/auth/clients": [
    { when: "there are three", at: "/clients", status: 200, answer: { data: [{}, client, {}] } },
  ],
  "POST /api/auth/clients": [
    { when: "new", at: "/clients", body: { name: "a" }, status: 201, answer: { data: {} } },
    refused("a taken id", "/clients", "CONFLICT: there is a client of the id shop already", {
      id: "shop",
      name: "a",
    }),
    refused("a bad id", "/clients", "VALIDATION", { id: "my shop", name: "a" }),
    ...badClients("/clients"),
  ],
  "GET /api/auth/clients/{clientId}": [
    { when: "there", at: "/clients/<shop>", status: 200, answer: { data: client } },
    refused("unknown", "/clients/none", NO_CLIENT),
  ],
  "PUT /api/auth/clients/{clientId}": [
    {
      when: "there",
      at: "/clients/<shop>",
      body: { name: "b" },
      status: 200,
      answer: { data: { ...client, name: "b" } },
    },
    refused("unknown", "/clients/none", NO_CLIENT, { name: "b" }),
    ...badClients("/clients/<shop>"),
  ],
  "DELETE /api/auth/clients/{clientId}": [
    { when: "there", at: "/clients/<shop>", status: 204 },
    { when: "gone", at: "/clients/<shop>", status: 204 },
    { when: "unknown", at: "/clients/none", status: 204 },
  ],
  "POST /api/auth/clients/{clientId}/secrets": [
    {
      when: "there",
      at: "/clients/<shop>/secrets",
      body: { name: "next" },
      status: 200,
      answer: { data: { name: "next", metadata: {} } },
    },
    refused("unknown", "/clients/none/secrets", NO_CLIENT, { name: "next" }),
    refused("no name", "/clients/<shop>/secrets", NO_NAME, {}),
    refused(
      "a public client",
      "/clients/<till>/secrets",
      "VALIDATION: a public client cannot have a secret",
      { name: "next" },
    ),
  ],
  "DELETE /api/auth/clients/{clientId}/secrets/{secretId}": [
    { when: "there", at: "/clients/<shop>/secrets/<key>", status: 204 },
    refused("gone", "/clients/<shop>/secrets/<key>", "NOT_FOUND"),
    refused("an unknown client", "/clients/none/secrets/<key>", "NOT_FOUND"),
  ],
  "PUT /api/auth/clients/{clientId}/scopes/{scopeId}": [
    { when: "not attached", at: "/clients/<shop>/scopes/<buy>", status: 204 },
    { when: "attached", at: "/clients/<shop>/scopes/<buy>", status: 204 },
    refused("an unknown client", "/clients/none/scopes/<buy>", NO_CLIENT),
    refused("an unknown scope", "/clients/<shop>/scopes/none", NO_SCOPE),
  ],
  "DELETE /api/auth/clients/{clientId}/scopes/{scopeId}": [
    { when: "attached", at: "/clients/<shop>/scopes/<sell>", status: 204 },
    { when: "not attached", at: "/clients/<shop>/scopes/<sell>", status: 204 },
    refused("an unknown client", "/clients/none/scopes/<sell>", NO_CLIENT),
    refused("an unknown scope", "/clients/<shop>/scopes/none", NO_SCOPE),
  ],
  "GET /api/auth/scopes": [
    {
      when: "eight",
      at: "/scopes",
      status: 200,
      answer: { data: [{}, {}, {}, {}, {}, {}, scope, { label: "buy" }] },
    },
  ],
  "POST /api/auth/scopes": [
    {
      when: "new",
      at: "/scopes",
      body: { label: "give" },
      status: 201,
      answer: { data: { label: "give", metadata: {}, transient: [] } },
    },
    ...badScopes("/scopes"),
  ],
  "GET /api/auth/scopes/{scopeId}": [
    { when: "there", at: "/scopes/<sell>", status: 200, answer: { data: scope } },
    refused("unknown", "/scopes/none", NO_SCOPE),
  ],
  "PUT /api/auth/scopes/{scopeId}": [
    {
      when: "there",
      at: "/scopes/<sell>",
      body: { label: "trade" },
      status: 200,
      answer: { data: { ...scope, label: "trade" } },
    },
    refused("unknown", "/scopes/none", NO_SCOPE, { label: "trade" }),
    ...badScopes("/scopes/<sell>"),
  ],
  "DELETE /api/auth/scopes/{scopeId}": [
    { when: "there", at: "/scopes/<buy>", status: 204 },
    { when: "gone", at: "/scopes/<buy>", status: 204 },
    { when: "unknown", at: "/scopes/none", status: 204 },
    refused("a client's only one", "/scopes/<sell>", "CONFLICT"),
  ],
  "PUT /api/auth/scopes/{scopeId}/transient/{transientScopeId}": [
    { when: "not linked", at: "/scopes/<buy>/transient/<sell>", status: 204 },
    { when: "linked", at: "/scopes/<buy>/transient/<sell>", status: 204 },
    { when: "itself", at: "/scopes/<buy>/transient/<buy>", status: 204 },
    refused("unknown", "/scopes/none/transient/<sell>", NO_SCOPE),
    refused("the other unknown", "/scopes/<buy>/transient/none", NO_SCOPE),
  ],
  "DELETE /api/auth/scopes/{scopeId}/transient/{transientScopeId}": [
    { when: "linked", at: "/scopes/<sell>/transient/<buy>", status: 204 },
    { when: "not linked", at: "/scopes/<sell>/transient/<buy>", status: 204 },
    refused("unknown", "/scopes/none/transient/<buy>", NO_SCOPE),
    refused("the other unknown", "/scopes/<sell>/transient/none", NO_SCOPE),
  ],
  "GET /api/auth/users": [{ when: "one", at: "/users", status: 200, answer: { data: [user] } }],
  "GET /api/auth/users/{userId}": [
    { when: "there", at: "/users/<ann>", status: 200, answer: { data: user } },
    refused("unknown", "/users/none", "NOT_FOUND: user none not found"),
  ],
};
