import type { Logger } from "pino";
import { type Handler, type HttpRequest, type HttpResponse, pathOf } from "./handler.js";

/** What Florin cannot work without: resolves when it is there. */
export type Check = () => Promise<unknown>;

/** Which checks passed, by name. Never rejects. */
export type Probe = () => Promise<ReadonlyMap<string, boolean>>;

export interface ProbeOptions {
  readonly checks: Readonly<Record<string, Check>>;
  readonly logger: Logger;
  /** A check that takes longer has failed. */
  readonly timeoutMs?: number;
  /** Asking is open to all: within this time it costs nothing. */
  readonly freshMs?: number;
}

/** Runs all checks, at most once in `freshMs` however many ask. */
export function createProbe(options: ProbeOptions): Probe {
  const { checks, logger, timeoutMs = 5_000, freshMs = 1_000 } = options;
  let latest: ReturnType<Probe> | null = null;

  async function passes(name: string, check: Check): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([check(), timeout]);
      return true;
    } catch (error) {
      logger.warn({ err: error, check: name }, "health check failed");
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async function runAll(): Promise<ReadonlyMap<string, boolean>> {
    const results = Object.entries(checks).map(
      async ([name, check]) => [name, await passes(name, check)] as const,
    );
    const outcome = new Map(await Promise.all(results));
    setTimeout(() => {
      latest = null;
    }, freshMs).unref();
    return outcome;
  }

  return () => {
    latest ??= runAll();
    return latest;
  };
}

const PATHS: ReadonlySet<string> = new Set([
  "/_healthcheck",
  "/api/auth/_healthcheck",
  "/api/ledger/_healthcheck",
  "/api/payments/_healthcheck",
]);

/** `handler`, and before it the health check of each service: one process, one state of health. */
export const answerHealth =
  (handler: Handler, probe: Probe): Handler =>
  (req, res) => {
    const isAsked = (req.method === "GET" || req.method === "HEAD") && PATHS.has(pathOf(req));
    if (!isAsked) return handler(req, res);
    void probe().then((outcome) => writeHealth(req, res, outcome));
  };

function writeHealth(
  req: HttpRequest,
  res: HttpResponse,
  outcome: ReadonlyMap<string, boolean>,
): void {
  const told = [...outcome].map(([name, passed]) => [name, passed ? "OK" : "unavailable"]);
  const status = [...outcome.values()].every(Boolean) ? 200 : 500;
  res.setHeader("cache-control", "no-store");
  if (req.method === "HEAD") {
    res.writeHead(status);
    res.end();
  } else {
    res.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    res.end(JSON.stringify(Object.fromEntries(told)));
  }
}
