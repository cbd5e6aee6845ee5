import type { MethodRule } from "../gen/florin/rest/v1/options_pb.js";
import { SERVICE_SCOPES } from "../src/auth/domain/scopes.js";
import type { Schema } from "./schemas.js";

/** A token of either kind with the scope, or nothing for what is open to all. */
export const securityOf = ({ open, scope }: MethodRule): Schema[] =>
  open ? [] : [{ Authorization: [scope] }, { OpenID: [scope] }];

export const securitySchemes = {
  Authorization: {
    type: "oauth2",
    description:
      "For machines: a client's id and secret buy a token that lives for an hour. Without a scope it may do all that the client may.",
    flows: {
      clientCredentials: {
        tokenUrl: "/api/auth/oauth/token",
        scopes: Object.fromEntries(SERVICE_SCOPES.map((scope) => [scope, meaningOf(scope)])),
      },
    },
  },
  Client: {
    type: "http",
    scheme: "basic",
    description: "A client's id and secret, for the endpoints that deal in tokens.",
  },
  OpenID: {
    type: "openIdConnect",
    description:
      "For people, where an upstream issuer is configured: the authorization code flow with PKCE.",
    openIdConnectUrl: "/api/auth/.well-known/openid-configuration",
  },
};

function meaningOf(scope: string): string {
  const [room = "", right] = scope.split(":");
  const what = { auth: "clients, scopes and users", ledger: "ledgers" }[room] ?? room;
  return right === "read" ? `Read ${what}` : `Read and write ${what}`;
}
