import type { HttpResponse } from "../../server/handler.js";

const errors = new WeakMap<HttpResponse, string>();

/** Notes the OAuth error that `response` tells its caller. */
export function noteError(response: HttpResponse, error: string): void {
  errors.set(response, error);
}

/** The OAuth error that `response` tells; null if it tells none. */
export const errorOf = (response: HttpResponse): string | null => errors.get(response) ?? null;
