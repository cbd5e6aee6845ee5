import type { Interceptor } from "@connectrpc/connect";
import { fail } from "../../lib/result.js";
import type { Clock } from "../../lib/time.js";
import type { ApiError } from "../../server/apiError.js";
import { principalKey } from "../../server/principal.js";
import { toApiError, unwrap } from "../../server/unwrap.js";
import { accessOf } from "./accessOf.js";
import { holdToScopes } from "./checkScope.js";
import { endWithToken } from "./endWithToken.js";
import { accessCodes } from "./errors.js";
import type { Verifier } from "./verifyAccessToken.js";

export interface AuthenticateOptions extends Pick<Verifier, "onForget"> {
  /** Asked again now and then while a stream goes on: the token may die meanwhile, or lose the scope that it needs. */
  readonly verify: Verifier["verify"];
  /** False opens every service but Auth, whose answers would open the others for good. */
  readonly isEnabled: boolean;
  readonly clock: Clock;
}

/** Lets a call through that is open or shows a valid access token, and tells handlers who calls. */
export const authenticate =
  ({ verify, onForget, isEnabled, clock }: AuthenticateOptions): Interceptor =>
  (next) =>
  async (request) => {
    const { method } = request;
    const isGuarded = isEnabled || method.parent.typeName.startsWith("florin.auth.");
    const access = accessOf(method);
    if (!isGuarded || access.isOpen) return next(request);

    const token = readToken(request.header.get("Authorization"));
    if (token === null) throw toApiError({ kind: "token-missing" }, accessCodes);
    const principal = unwrap(await verify(token), accessCodes);
    request.contextValues.set(principalKey, principal);

    const guard = {
      async check() {
        const verdict = await verify(token);
        return verdict.ok ? holdToScopes(verdict.value, access) : verdict;
      },
      onForget: (listener: () => void) => onForget(principal, listener),
      expiresAt: principal.expiresAt,
      clock,
    };
    if (request.stream && method.methodKind === "client_streaming") {
      return next({ ...request, message: endWithToken(request.message, guard) });
    }
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: endWithToken(response.message, guard) };
  };

/** Why whoever sends this Authorization header is turned away; null for a valid token. */
export async function refusalOf(
  header: string | undefined,
  verify: AuthenticateOptions["verify"],
): Promise<ApiError | null> {
  const token = readToken(header);
  const caller = token === null ? fail({ kind: "token-missing" } as const) : await verify(token);
  return caller.ok ? null : toApiError(caller.failure, accessCodes);
}

/** RFC 6750, section 2.1; the scheme in any case. */
export const readToken = (header: string | null | undefined): string | null =>
  /^Bearer +([\w.~+/-]+=*)$/i.exec(header ?? "")?.[1] ?? null;
