import { keepExchange } from "../keepExchange.js";
import type { Check } from "./checkAnswer.js";
import { hasDocument } from "./document.js";

/** Answers that are being checked. */
let checks: Promise<readonly string[]>[] = [];

/** What was wrong with the answers since the last time. */
export async function takeProblems(): Promise<string[]> {
  const taken = checks;
  checks = [];
  await Promise.all(exchanges.splice(0));
  return (await Promise.all(taken)).flat();
}

/** Exchanges whose secrets are being kept. */
const exchanges: Promise<void>[] = [];

/** As this process came with it: tests may put another one in its place. */
export const { fetch } = globalThis;

/** `fetch`, and each answer of a path that is documented, by others or by us, is checked on the side. */
export const watchedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const isEndless = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isEndless) exchanges.push(keepExchange(init, response.clone()));
  const verb = init?.method ?? (input instanceof Request ? input.method : "GET");
  const { pathname } = new URL(response.url);
  if (RPCS.test(pathname) && verb !== "OPTIONS" && !isEndless) {
    checks.push(check(verb.toUpperCase(), pathname, response.clone()));
  }
  return response;
};

/** What RPCs answer over REST. */
const RPCS =
  /^\/api\/(ledger|payments)\/(?!_healthcheck$)|^\/api\/auth\/(_info$|clients|scopes|users)|^\/versions$/;

/** Of those, what the published document is held to here. */
const PUBLISHED =
  /^\/api\/ledger\/(?!_healthcheck$)|^\/api\/auth\/(_info$|clients|scopes|users)|^\/versions$/;

async function check(verb: string, path: string, response: Response): Promise<string[]> {
  const body = await response.text().catch(() => null);
  // An answer that broke off was given up by the test, or is its subject.
  if (body === null) return [];
  compiling ??= compile();
  const { published, ours } = await compiling;
  const { status, headers } = response;
  const answer = { verb, path, status, headers, body };
  return [...(PUBLISHED.test(path) ? (published?.(answer) ?? []) : []), ...ours(answer)];
}

/** Most files of tests need none, and it takes a while to load. */
let compiling: ReturnType<typeof compile> | null = null;

async function compile(): Promise<{ published: Check | null; ours: Check }> {
  const { createDocumentedCheck } = await import("./checkDocumented.js");
  const published = hasDocument ? (await import("./checkAnswer.js")).createCheck() : null;
  return { published, ours: createDocumentedCheck() };
}
