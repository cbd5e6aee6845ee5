import type { HttpRequest } from "../../server/handler.js";
import { readBody } from "../../server/rest/readBody.js";

const MAX_BYTES = 56 * 1024;

const forms = new WeakMap<HttpRequest, Promise<string | null>>();

/**
 * The body of a form post: read once, whoever asks for it and however often, and spelled anew, so that all who parse it
 * find the same parameters. Null for another content type; throws an ApiError if it is too long.
 */
export function readForm(request: HttpRequest): Promise<string | null> {
  const form = forms.get(request) ?? read(request);
  forms.set(request, form);
  return form;
}

async function read(request: HttpRequest): Promise<string | null> {
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return null;
  const body = Buffer.from(await readBody(request, MAX_BYTES)).toString("utf8");
  return new URLSearchParams(body).toString();
}
