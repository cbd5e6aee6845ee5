import { Code } from "@connectrpc/connect";
import type { ErrorTable } from "../../server/unwrap.js";
import type { TokenRefusal } from "../domain/accessToken.js";

/** Why a caller is turned away before any service sees the request. */
export type AccessRefusal =
  | TokenRefusal
  | { readonly kind: "token-missing" }
  | { readonly kind: "scope-missing"; readonly scope: string };

const unauthenticated = { code: Code.Unauthenticated, errorCode: "VALIDATION" } as const;

/** The challenge of RFC 6750 that goes with a token that was shown and refused. */
const invalidToken = { "WWW-Authenticate": 'Bearer error="invalid_token"' };

export const accessCodes: ErrorTable<AccessRefusal> = {
  "token-missing": {
    ...unauthenticated,
    message: () => "an access token is needed, as header Authorization: Bearer <token>",
    headers: () => ({ "WWW-Authenticate": "Bearer" }),
  },
  "token-invalid": {
    ...unauthenticated,
    message: ({ detail }) => `the access token is not valid: ${detail}`,
    headers: () => invalidToken,
  },
  "token-expired": {
    ...unauthenticated,
    message: () => "the access token has expired",
    headers: () => invalidToken,
  },
  "token-revoked": {
    ...unauthenticated,
    message: () => "the access token was revoked",
    headers: () => invalidToken,
  },
  "client-deleted": {
    ...unauthenticated,
    message: ({ clientId }) => `the client ${clientId} no longer exists`,
    headers: () => invalidToken,
  },
  "scope-missing": {
    code: Code.PermissionDenied,
    errorCode: "VALIDATION",
    message: ({ scope }) => `the access token lacks the scope ${scope}`,
    headers: ({ scope }) => ({
      "WWW-Authenticate": `Bearer error="insufficient_scope", scope="${scope}"`,
    }),
  },
};
