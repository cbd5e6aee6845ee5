import { form, json, refusedBy, tokenForm } from "./oauthForm.js";
import type { Schema } from "./schemas.js";
import { tagOf } from "./tags.js";

/** OAuth 2 and OpenID Connect have a form of their own, which no proto states. */
export const oauthPaths: Readonly<Record<string, Schema>> = {
  "/api/auth/oauth/token": {
    post: form({
      operationId: "getToken",
      summary: "Buys an access token",
      description:
        "The token endpoint of OAuth 2 (RFC 6749). A machine sends `grant_type=client_credentials`; people's clients exchange a code (`authorization_code`, with PKCE) or a refresh token (`refresh_token`). The client says who it is by HTTP Basic, or by `client_id` and `client_secret` in the form.",
      required: ["grant_type"],
      fields: {
        grant_type: { enum: ["client_credentials", "authorization_code", "refresh_token"] },
        client_id: { description: "Unless HTTP Basic says it." },
        client_secret: { description: "Unless HTTP Basic says it, or the client is public." },
        scope: {
          description:
            "Scopes, separated by spaces. Without it, all that the client has. What it does not have is dropped without an error.",
        },
        code: { description: "With `authorization_code`." },
        redirect_uri: { description: "With `authorization_code`: the one of the login." },
        code_verifier: { description: "With `authorization_code`: PKCE." },
        refresh_token: { description: "With `refresh_token`; each is good for one use." },
      },
      example: { grant_type: "client_credentials", scope: "ledger:write" },
      answer: {
        type: "object",
        required: ["access_token", "token_type", "expires_in"],
        properties: {
          access_token: {
            type: "string",
            description: "A JWT; send it as `Authorization: Bearer`.",
          },
          token_type: { type: "string", enum: ["Bearer"] },
          expires_in: {
            type: "integer",
            description: "Seconds: 3600 for machines, 300 for people.",
          },
          scope: { type: "string", description: "What is left of the scopes that were asked for." },
          id_token: { type: "string", description: "Of a login with `openid`." },
          refresh_token: { type: "string", description: "Of a login with `offline_access`." },
        },
      },
      refused: [400, 401, 429],
    }),
  },
  "/api/auth/oauth/introspect": {
    post: form({
      operationId: "introspectToken",
      summary: "Tells what a token is worth",
      description:
        'RFC 7662. A client learns about its own tokens; one that is `trusted`, about everybody\'s. Any other token is `{"active": false}`.',
      required: ["token"],
      fields: tokenForm(),
      example: { token: "eyJhbGciOi…" },
      answer: {
        type: "object",
        required: ["active"],
        additionalProperties: true,
        properties: {
          active: { type: "boolean" },
          scope: { type: "string", description: "Absent: unrestricted." },
          client_id: { type: "string" },
          sub: { type: "string", description: "Client id of a machine, user id of a person." },
          token_type: { type: "string" },
          exp: { type: "integer", description: "Seconds since 1970." },
          iat: { type: "integer", description: "Seconds since 1970." },
          iss: { type: "string" },
          aud: { type: "string" },
          jti: { type: "string" },
          email: { type: "string" },
          email_verified: { type: "boolean" },
        },
      },
      refused: [400, 401, 429],
    }),
  },
  "/api/auth/revoke": {
    post: form({
      operationId: "revokeToken",
      summary: "Ends a token",
      description:
        "RFC 7009: an access token alone, or with a refresh token its whole login. Succeeds also for what is no token of the client's.",
      required: ["token"],
      fields: tokenForm(),
      example: { token: "eyJhbGciOi…" },
      answer: null,
      refused: [400, 401, 429],
    }),
  },
  "/api/auth/userinfo": {
    get: {
      operationId: "getUserinfo",
      summary: "Tells who has logged in",
      description:
        "OpenID Connect, where people log in; elsewhere 404. Needs a person's token with the scope `openid`.",
      tags: [tagOf("/api/auth/userinfo")],
      security: [{ OpenID: ["openid"] }],
      responses: {
        200: json("The claims.", {
          type: "object",
          required: ["sub"],
          properties: {
            sub: { type: "string", description: "The user's id." },
            email: { type: "string", description: "With the scope `email`." },
            email_verified: { type: "boolean", description: "With the scope `email`." },
          },
        }),
        ...refusedBy([401, 403]),
      },
    },
  },
  "/api/auth/.well-known/openid-configuration": {
    get: {
      operationId: "getOpenIdConfiguration",
      summary: "Tells where everything is",
      description:
        "OpenID Connect Discovery: the endpoints, also those that browsers of people are sent to (`authorize`, `end_session`), and what they can do.",
      tags: [tagOf("/api/auth/.well-known")],
      security: [],
      responses: {
        200: json("The provider's metadata.", {
          type: "object",
          required: ["issuer", "token_endpoint", "jwks_uri"],
          additionalProperties: true,
          properties: {
            issuer: { type: "string", description: "`$PUBLIC_URL/api/auth`." },
            token_endpoint: { type: "string", description: "Where tokens are bought." },
            jwks_uri: { type: "string", description: "Where the keys are." },
            authorization_endpoint: { type: "string", description: "Where people log in." },
          },
        }),
      },
    },
  },
  "/api/auth/keys": {
    get: {
      operationId: "getKeys",
      summary: "Lists the keys that tokens are signed with",
      description:
        "A JSON Web Key Set (RFC 7517): the public halves, those of tokens still out included.",
      tags: [tagOf("/api/auth/keys")],
      security: [],
      responses: {
        200: json("The keys.", {
          type: "object",
          required: ["keys"],
          properties: {
            keys: {
              type: "array",
              description: "JSON Web Keys.",
              items: { type: "object", additionalProperties: true },
            },
          },
        }),
      },
    },
  },
};

export const oauthSchemas = {
  OAuthError: {
    type: "object",
    description: "An error of OAuth 2 (RFC 6749, section 5.2).",
    required: ["error"],
    properties: {
      error: { type: "string", description: "E.g. `invalid_client`." },
      error_description: { type: "string", description: "What was wrong, for people." },
    },
  },
};
