import { recordOfRequest } from "../../server/callRecord.js";
import { audit } from "../audit.js";
import type { OidcCall } from "../oidc/handler.js";
import { finishInteraction, type Interaction } from "../oidc/interaction.js";
import { writePage } from "../oidc/page.js";
import type { LoginRoom } from "./loginRoom.js";
import { DESCRIPTIONS, type UpstreamFailure } from "./upstreamFailure.js";

/** Sends the browser to `url`. */
export function goOn({ response }: OidcCall, url: string, cookies: readonly string[]): void {
  response.statusCode = 303;
  response.setHeader("Location", url);
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Set-Cookie", [...cookies]);
  response.end();
}

/** Ends a login at the client that asked for it, with an OAuth error. */
export async function tellClient(
  room: LoginRoom,
  call: OidcCall,
  interaction: Interaction,
  { kind, detail }: UpstreamFailure,
  cookies: readonly string[] = [],
): Promise<void> {
  auditLogin(room, call, { who: null, interaction, outcome: kind });
  // That somebody is refused is not a failure, and the line above tells it.
  if (kind !== "access_denied") {
    room.logger.warn({ detail }, "login at the identity provider failed");
  }
  const url = await finishInteraction(room.currentProvider(), interaction.uid, {
    error: kind,
    error_description: DESCRIPTIONS[kind],
  });
  if (url === null) refuse(room, call);
  else goOn(call, url, cookies);
}

/** There is no client that could be told: nothing here was begun by this browser, or it is over. */
export function refuse(room: LoginRoom, call: OidcCall): void {
  auditLogin(room, call, { who: null, interaction: null, outcome: "invalid_request" });
  writePage(call.response, 400, {
    title: "This login is over",
    text: "It was completed already, took too long, or began in another browser. Go back to the application and log in again.",
  });
}

export interface LoginEnd {
  readonly who: string | null;
  readonly interaction: Interaction | null;
  readonly outcome: string;
}

/** Writes the audit line of a login. */
export function auditLogin(
  { logger }: LoginRoom,
  { request, address }: OidcCall,
  { interaction, ...entry }: LoginEnd,
): void {
  const clientId = interaction?.params["client_id"];
  const record = recordOfRequest(request);
  audit(logger, {
    ...entry,
    what: "login",
    clientId: typeof clientId === "string" ? clientId : null,
    address,
    requestId: record?.requestId ?? null,
    span: record?.span ?? null,
  });
}
