import type { HttpResponse } from "../../server/handler.js";
import { noteError } from "./answeredErrors.js";

export interface OAuthAnswer {
  readonly status: number;
  /** Undefined: an empty body. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error of RFC 6749, section 5.2. */
export const oauthError = (
  status: number,
  error: string,
  description?: string,
  headers: Readonly<Record<string, string>> = {},
): OAuthAnswer => ({
  status,
  body: { error, ...(description !== undefined && { error_description: description }) },
  headers,
});

/** What passes by itself. */
export const UNAVAILABLE = oauthError(503, "temporarily_unavailable", "try again", {
  "Retry-After": "1",
});

/** Nothing that these endpoints answer may be kept by a cache. */
export function writeOAuth(response: HttpResponse, { status, body, headers }: OAuthAnswer): void {
  response.statusCode = status;
  response.setHeader("Cache-Control", "no-store");
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (body === undefined) {
    response.end();
    return;
  }
  if ("error" in body) noteError(response, String(body.error));
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.end(JSON.stringify(body));
}
