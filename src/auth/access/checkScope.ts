import type { Interceptor } from "@connectrpc/connect";
import { fail, ok, type Result } from "../../lib/result.js";
import { type Principal, principalKey } from "../../server/principal.js";
import { unwrap } from "../../server/unwrap.js";
import { holdsScope } from "../domain/scopes.js";
import { type Access, accessOf } from "./accessOf.js";
import { type AccessRefusal, accessCodes } from "./errors.js";

/** Lets a caller do what its scopes allow. Comes after `authenticate`, which says who calls. */
export const checkScope = (): Interceptor => (next) => (request) => {
  const principal = request.contextValues.get(principalKey);
  if (principal !== null) unwrap(holdToScopes(principal, accessOf(request.method)), accessCodes);
  return next(request);
};

/** `caller`, if its scopes allow what `access` guards. */
export function holdToScopes<Caller extends Pick<Principal, "scopes">>(
  caller: Caller,
  access: Access,
): Result<Caller, AccessRefusal> {
  if (access.isOpen) return ok(caller);
  const { scope } = access;
  const isAllowed = caller.scopes === null || holdsScope(caller.scopes, scope);
  return isAllowed ? ok(caller) : fail({ kind: "scope-missing", scope });
}
