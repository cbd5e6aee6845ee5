import { fail, ok, type Result } from "../../lib/result.js";
import type { HttpRequest } from "../../server/handler.js";
import { type OAuthAnswer, oauthError } from "../oidc/answer.js";
import type { Parameters } from "./readParameters.js";

/** Who a request says that it comes from, not yet proven. */
export interface ClientClaim {
  readonly clientId: string;
  /** Null: none was shown. */
  readonly secret: string | null;
}

/** The client that a request names, in its Authorization header or its form; null if it names none that can be read. */
export function readClientId({ headers }: HttpRequest, form: string | null): string | null {
  const basic = readBasic(headers.authorization ?? "");
  return basic?.clientId ?? new URLSearchParams(form ?? "").get("client_id");
}

/** The client that a request names, and the secret that it shows (RFC 6749, section 2.3.1). */
export function readClaim(
  request: HttpRequest,
  parameters: Parameters,
): Result<ClientClaim, OAuthAnswer> {
  const { authorization } = request.headers;
  const clientId = parameters.get("client_id");
  const secret = parameters.get("client_secret") ?? null;
  if (authorization === undefined) {
    return clientId === undefined ? fail(clientRefused(request)) : ok({ clientId, secret });
  }
  const basic = readBasic(authorization);
  if (basic === null) return fail(clientRefused(request));
  if (secret !== null || (clientId ?? basic.clientId) !== basic.clientId) {
    return fail(
      oauthError(400, "invalid_request", "a client says who it is once: in the header or the form"),
    );
  }
  return ok(basic);
}

/** One answer to whoever did not prove to be a client, so that nobody learns which clients there are. */
export function clientRefused(request: HttpRequest): OAuthAnswer {
  const challenge = { "WWW-Authenticate": 'Basic realm="clients", charset="UTF-8"' };
  return oauthError(
    401,
    "invalid_client",
    "client authentication failed",
    request.headers.authorization === undefined ? {} : challenge,
  );
}

/** Id and secret of a Basic header, both of which are written as in a form. */
function readBasic(header: string): { clientId: string; secret: string } | null {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] ?? "";
  const [, id, secret] =
    /^([^:]+):(.+)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  if (id === undefined || secret === undefined) return null;
  try {
    return { clientId: formDecode(id), secret: formDecode(secret) };
  } catch {
    return null;
  }
}

const formDecode = (text: string): string => decodeURIComponent(text.replaceAll("+", "%20"));
