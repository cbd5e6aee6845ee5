import type { Interceptor } from "@connectrpc/connect";
import { principalKey } from "../../server/principal.js";
import { toApiError } from "../../server/unwrap.js";
import { holdsScope } from "../domain/scopes.js";
import { accessOf } from "./accessOf.js";
import { accessCodes } from "./errors.js";

export interface CheckScopeOptions {
  /** Whether a caller without any scope may do nothing, instead of everything. */
  readonly isStrict: boolean;
}

/** Lets a caller do what its scopes allow. Comes after `authenticate`, which says who calls. */
export const checkScope =
  ({ isStrict }: CheckScopeOptions): Interceptor =>
  (next) =>
  (request) => {
    const principal = request.contextValues.get(principalKey);
    const access = accessOf(request.method);
    if (principal === null || access.isOpen) return next(request);
    const isAllowed =
      principal.scopes === null ? !isStrict : holdsScope(principal.scopes, access.scope);
    if (!isAllowed) {
      throw toApiError({ kind: "scope-missing", scope: access.scope }, accessCodes);
    }
    return next(request);
  };
