import type { Check } from "./checkAnswer.js";

/** Answers that are being checked. */
let checks: Promise<readonly string[]>[] = [];

/** What was wrong with the answers since the last time. */
export async function takeProblems(): Promise<string[]> {
  const taken = checks;
  checks = [];
  return (await Promise.all(taken)).flat();
}

/** As this process came with it: tests may put another one in its place. */
const { fetch } = globalThis;

/** `fetch`, and each answer of a published path is checked on the side. */
export const watchedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const verb = init?.method ?? (input instanceof Request ? input.method : "GET");
  const { pathname } = new URL(response.url);
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (PUBLISHED.test(pathname) && verb !== "OPTIONS" && !isStream) {
    checks.push(check(verb.toUpperCase(), pathname, response.clone()));
  }
  return response;
};

/** Health checks are not in the document, and nor are the endpoints of OAuth 2 and OpenID Connect. */
const PUBLISHED =
  /^\/api\/ledger\/(?!_healthcheck$)|^\/api\/auth\/(_info$|clients|scopes|users)|^\/versions$/;

async function check(verb: string, path: string, response: Response): Promise<string[]> {
  const body = await response.text().catch(() => null);
  // An answer that broke off was given up by the test, or is its subject.
  if (body === null) return [];
  compiling ??= compile();
  const { status, headers } = response;
  return (await compiling)({ verb, path, status, headers, body });
}

/** Most files of tests need none, and it takes a while to load. */
let compiling: Promise<Check> | null = null;

const compile = async (): Promise<Check> => (await import("./checkAnswer.js")).createCheck();
