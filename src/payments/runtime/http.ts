import { setTimeout as sleep } from "node:timers/promises";
import { atMost } from "../../lib/atMost.js";
import { type Json, JsonSyntaxError, parseJson } from "../../lib/parseJson.js";
import type { Span, Tracing } from "../../lib/tracing.js";
import {
  type Http,
  type HttpAnswer,
  type HttpRequest,
  type HttpTarget,
  ProviderError,
} from "../connectors/connector.js";
import { createExchange } from "./exchange.js";
import { traceExchange } from "./traceExchange.js";

/** Speaks to a provider. */
export interface HttpClient {
  /** For as long as the signal lets it, as a part of `span`. */
  within(signal: AbortSignal, span?: Span | null): Http;
  /** Ends its connections. */
  close(): void;
}

const DEFAULTS = { perSecond: 20, atOnce: 4 };

const MOST_ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;
/** Whoever asks for a longer wait is not waited for: the task fails, and tries again at its own pace. */
const LONGEST_WAIT_MS = 60_000;
/** Nobody is stayed away from for longer, whatever is asked. */
const LONGEST_REST_MS = 24 * 3_600_000;

/** One client keeps its provider's limits for all who use it; null: there is nobody to speak to. */
export function createHttpClient(
  target: HttpTarget | null,
  tracing: Tracing | null = null,
): HttpClient {
  if (target === null) return { within: () => ({ send: nobody, json: nobody }), close() {} };
  const { perSecond, atOnce, tooManyRestsMs = 0 } = { ...DEFAULTS, ...target };
  const exchange = traceExchange(createExchange(target), target, tracing);
  const inTurn = atMost(atOnce);
  const gapMs = 1000 / perSecond;
  /** The next request may go out then. */
  let freeAt = 0;

  async function pace(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (freeAt - now > LONGEST_WAIT_MS) throw restingFor(freeAt - now);
    const startAt = Math.max(now, freeAt);
    freeAt = startAt + gapMs;
    if (startAt > now) await sleep(startAt - now, null, { signal });
  }

  async function send(
    request: HttpRequest,
    signal: AbortSignal,
    span: Span | null,
  ): Promise<HttpAnswer> {
    const isRepeatable = request.isRepeatable ?? (request.method ?? "GET") === "GET";
    for (let attempt = 1; ; attempt++) {
      const outcome = await inTurn(async () => {
        await pace(signal);
        return exchange.send(request, signal, span).catch((error: unknown) => {
          signal.throwIfAborted();
          return error as Error;
        });
      });
      if (!(outcome instanceof Error) && isSuccess(outcome)) return outcome;
      const said = outcome instanceof Error ? null : (request.saysToRepeat?.(outcome) ?? null);
      const asked = askedMs(outcome, tooManyRestsMs);
      const wait = said === false ? null : waitMs(outcome, attempt, asked, said === true);
      // Too many requests were too many from all who use this client.
      if (!(outcome instanceof Error) && outcome.status === 429)
        freeAt = Math.max(freeAt, performance.now() + (wait ?? asked));
      const mayRepeat = isRepeatable || (!(outcome instanceof Error) && outcome.status === 429);
      if (wait === null || !mayRepeat || attempt === MOST_ATTEMPTS)
        throw complaint(request, outcome, asked);
      await sleep(wait, null, { signal });
    }
  }

  return {
    within: (signal, span = null) => ({
      send: (request) => send(request, signal, span),
      async json(request) {
        const answer = await send(request, signal, span);
        return { value: readJson(request, answer), answer };
      },
    }),
    close: exchange.close,
  };
}

const restingFor = (ms: number): ProviderError =>
  new ProviderError(`the provider wants no requests for another ${Math.ceil(ms / 1000)} seconds`, {
    retryAfterMs: ms,
  });

const nobody = () => Promise.reject(new Error("this connector does not say where its provider is"));

const isSuccess = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

/** How long to wait before the next attempt; null if another one is pointless now. */
function waitMs(
  outcome: Error | HttpAnswer,
  attempt: number,
  asked: number,
  isWorthIt: boolean,
): number | null {
  const ours = FIRST_WAIT_MS * 2 ** (attempt - 1) * (1 - Math.random() / 2);
  if (outcome instanceof Error) return ours;
  if (!isWorthIt && outcome.status !== 429 && outcome.status < 500) return null;
  return asked > LONGEST_WAIT_MS ? null : Math.max(asked, ours);
}

/** How long an answer wants us to wait: its Retry-After, in seconds or as a date; else, of too many requests, the usual. */
function askedMs(outcome: Error | HttpAnswer, tooManyRestsMs: number): number {
  if (outcome instanceof Error) return 0;
  const usual = outcome.status === 429 ? tooManyRestsMs : 0;
  const text = outcome.headers["retry-after"];
  if (text === undefined) return usual;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? usual : Math.min(Math.max(0, ms), LONGEST_REST_MS);
}

/** Without the query, which may hold what is nobody's business. */
const nameOf = ({ method = "GET", path }: HttpRequest): string => `${method} ${path.split("?")[0]}`;

function complaint(
  request: HttpRequest,
  outcome: Error | HttpAnswer,
  retryAfterMs: number,
): ProviderError {
  if (outcome instanceof Error) {
    return new ProviderError(`${nameOf(request)}: ${outcome.message}`, { cause: outcome });
  }
  return new ProviderError(`${nameOf(request)}: answered ${outcome.status}`, {
    ...outcome,
    retryAfterMs,
  });
}

function readJson(request: HttpRequest, { status, headers, body }: HttpAnswer): Json {
  try {
    return parseJson(body);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const type = headers["content-type"] ?? "something";
    throw new ProviderError(
      `${nameOf(request)}: answered ${type} that is not JSON: ${error.message}`,
      {
        ...{ body, cause: error },
        status: status >= 500 ? status : null,
      },
    );
  }
}
