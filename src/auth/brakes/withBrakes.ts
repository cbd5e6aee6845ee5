import type { Logger } from "pino";
import type { Clock, Micros } from "../../lib/time.js";
import { recordOfRequest } from "../../server/callRecord.js";
import type { HttpResponse } from "../../server/handler.js";
import { audit } from "../audit.js";
import { oauthError, UNAVAILABLE, writeOAuth } from "../oidc/answer.js";
import { errorOf } from "../oidc/answeredErrors.js";
import type { Endpoint } from "../oidc/handler.js";
import { readForm } from "../oidc/readForm.js";
import { readClientId } from "../tokens/readClaim.js";
import { createBrakes } from "./brakes.js";
import { retryAfter } from "./meter.js";
import { createTurns } from "./turns.js";

export interface BrakesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What an endpoint is asked for. */
export type Purpose = "token" | "introspection" | "revocation";

/** Puts brakes on endpoints that authenticate clients; the audit log is told what they refuse. */
export function brakesFor({ clock, logger }: BrakesOptions) {
  const brakes = createBrakes(clock);
  // Guesses made at once wait for one another, lest they overtake the count of those that failed.
  const takeTurn = createTurns(brakes.guessesLeft);
  const takeSharedTurn = createTurns(brakes.sharedGuessesLeft);
  return (purpose: Purpose, endpoint: Endpoint): Endpoint =>
    async (call) => {
      const { request, response, address } = call;
      const clientId = readClientId(request, await readForm(request));
      const caller = { clientId, address };
      const record = recordOfRequest(request);
      const { requestId = null, span = null } = record ?? {};
      const note = (outcome: string) =>
        audit(logger, { what: purpose, who: null, clientId, address, requestId, span, outcome });
      const attempt = async () => {
        const hold = brakes.holdOf(caller);
        if (hold !== null) {
          if (hold.isNew) note("held_back");
          return refuse(response, hold.retryAfter);
        }
        if (purpose === "token") brakes.countToken(caller);
        await endpoint(call);
        const error = errorOf(response);
        brakes.noteEnd(caller, error);
        if (error !== null) note(error);
        else if (record !== null && clientId !== null) record.clientId = clientId;
      };
      const sharedKey = brakes.sharedKeyOf(caller);
      const orRefuse = async (turn: Promise<boolean>) => {
        if (!(await turn)) writeOAuth(response, UNAVAILABLE);
      };
      await orRefuse(
        takeTurn(brakes.keyOf(caller), () =>
          sharedKey === null ? attempt() : orRefuse(takeSharedTurn(sharedKey, attempt)),
        ),
      );
    };
}

/** Nothing that a caller sent was looked at. */
function refuse(response: HttpResponse, heldFor: Micros): void {
  const seconds = retryAfter(heldFor);
  const description = `too many attempts: try again in ${seconds} seconds`;
  writeOAuth(
    response,
    oauthError(429, "temporarily_unavailable", description, { "Retry-After": seconds }),
  );
}
