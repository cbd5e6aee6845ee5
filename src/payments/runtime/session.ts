import type { Span } from "../../lib/tracing.js";
import type { Http, HttpRequest, HttpTarget, Session } from "../connectors/connector.js";
import { ProviderError } from "../connectors/connector.js";
import { isRefusal } from "../connectors/isRefusal.js";
import type { HttpClient } from "./http.js";

/** A session is not used for its last moments: it might be over on the way. */
const MARGIN_S = 5;

const REFUSED_LOGIN_RESTS_MS = 10_000;

interface Login {
  readonly session: Promise<Session>;
  /** Of the run that began it. */
  readonly signal: AbortSignal;
  endsAt: number;
}

/** Logs in before the first request, one time for all who ask, and anew when the session is over or refused. */
export function keepSession(
  client: HttpClient,
  logIn: NonNullable<HttpTarget["logIn"]>,
  refusedLoginRestsMs = REFUSED_LOGIN_RESTS_MS,
): HttpClient {
  let login: Login | null = null;
  /** Until then a request that is refused is refused: a new session was of no help. */
  let isVainUntil = 0;

  function begin(signal: AbortSignal, span: Span | null): Login {
    const begun: Login = {
      ...{ signal, endsAt: Number.POSITIVE_INFINITY },
      session: logIn(client.within(signal, span)),
    };
    begun.session.then(
      ({ seconds = Number.POSITIVE_INFINITY }) => {
        begun.endsAt = performance.now() + (seconds - MARGIN_S) * 1000;
      },
      (error) => {
        begun.endsAt = isRefusal(error) ? performance.now() + refusedLoginRestsMs : 0;
      },
    );
    return begun;
  }

  async function current(
    signal: AbortSignal,
    span: Span | null,
  ): Promise<{ login: Login; session: Session }> {
    for (;;) {
      if (login === null || login.endsAt <= performance.now()) login = begin(signal, span);
      const waitedFor = login;
      try {
        return { login: waitedFor, session: await waitedFor.session };
      } catch (error) {
        signal.throwIfAborted();
        // The run that had begun it was broken off, which is no concern of this one.
        if (!waitedFor.signal.aborted || isRefusal(error)) throw error;
      }
    }
  }

  function within(signal: AbortSignal, span: Span | null = null): Http {
    const http = client.within(signal, span);

    async function inSession<T>(
      request: HttpRequest,
      send: (request: HttpRequest) => Promise<T>,
    ): Promise<T> {
      for (let attempt = 1; ; attempt++) {
        const { login: used, session } = await current(signal, span);
        try {
          return await send({ ...request, headers: { ...session.headers, ...request.headers } });
        } catch (error) {
          if (!(error instanceof ProviderError) || error.status !== 401) throw error;
          if (attempt === 2) isVainUntil = performance.now() + refusedLoginRestsMs;
          if (performance.now() < isVainUntil) throw error;
          if (login === used) login = null;
        }
      }
    }

    return {
      send: (request) => inSession(request, http.send),
      json: (request) => inSession(request, http.json),
    };
  }

  return { within, close: client.close };
}
