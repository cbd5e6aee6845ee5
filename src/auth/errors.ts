import { Code } from "@connectrpc/connect";
import type { ErrorTable } from "../server/unwrap.js";
import type { AuthFailure } from "./domain/failure.js";

const invalid = { code: Code.InvalidArgument, errorCode: "VALIDATION" } as const;
const refused = { code: Code.FailedPrecondition, errorCode: "VALIDATION" } as const;
const missing = { code: Code.NotFound, errorCode: "NOT_FOUND" } as const;
const taken = { code: Code.AlreadyExists, errorCode: "CONFLICT" } as const;

export const authErrors: ErrorTable<AuthFailure> = {
  "invalid-field": { ...invalid, message: ({ field, problem }) => `${field} ${problem}` },
  "client-not-found": { ...missing, message: ({ clientId }) => `client ${clientId} not found` },
  "secret-not-found": { ...missing, message: ({ secretId }) => `secret ${secretId} not found` },
  "scope-not-found": { ...missing, message: ({ scopeId }) => `scope ${scopeId} not found` },
  "user-not-found": { ...missing, message: ({ userId }) => `user ${userId} not found` },
  "client-id-taken": {
    ...taken,
    message: ({ clientId }) => `there is a client of the id ${clientId} already`,
  },
  "label-taken": {
    ...taken,
    message: ({ label }) => `there is a scope of the label ${label} already`,
  },
  "public-client": { ...refused, message: () => "a public client cannot have a secret" },
  "too-many-secrets": {
    ...refused,
    message: ({ limit }) => `a client can have at most ${limit} secrets: delete one first`,
  },
  "only-scope": {
    code: Code.FailedPrecondition,
    errorCode: "CONFLICT",
    httpStatus: 409,
    message: ({ clientId }) =>
      `it is the only scope of the client ${clientId}, which would be unrestricted without it: attach another one, or detach this one, first`,
  },
};
