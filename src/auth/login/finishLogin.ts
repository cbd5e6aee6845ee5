import { decodeJwt } from "jose";
import type { Endpoint } from "../oidc/handler.js";
import { findInteraction, finishInteraction, type Interaction } from "../oidc/interaction.js";
import { putLogin } from "../store/users.js";
import { auditLogin, goOn, refuse, tellClient } from "./endings.js";
import { cookieNameOf, readCookie } from "./loginCookie.js";
import type { LoginRoom } from "./loginRoom.js";

/** Takes a browser back from the upstream issuer, and on to the authorization request that it came for. */
export function finishLogin(room: LoginRoom): Endpoint {
  const { db, currentProvider, upstream, logins, cookies, redirectUri, clock } = room;
  return async (call) => {
    const { request, query } = call;
    const name = cookieNameOf(query.get("state") ?? "");
    const value = readCookie(request, name);
    const login = value === undefined ? null : await logins.take({ name, value });
    const interaction = login && (await findInteraction(currentProvider(), login.uid));
    if (!login || !interaction) return refuse(room, call);

    const identity = await upstream.identify(login, new URL(`${redirectUri}?${query}`));
    const cleared = [cookies.clear(name)];
    if (!identity.ok) return tellClient(room, call, interaction, identity.failure, cleared);
    const { authTime, ...person } = identity.value;
    const accountId = await putLogin(db, person);
    if (!isWanted(accountId, interaction)) {
      const detail = "another person came than the client asked for";
      return tellClient(room, call, interaction, { kind: "login_required", detail }, cleared);
    }
    const now = Number(clock() / 1_000_000n);
    const url = await finishInteraction(currentProvider(), login.uid, {
      login: { accountId, ts: Math.min(authTime ?? now, now) },
    });
    if (url === null) return refuse(room, call);
    auditLogin(room, call, { who: accountId, interaction, outcome: "ok" });
    goOn(call, url, cleared);
  };
}

/** A hint is an ID token of ours, which oidc-provider has verified: the client wants that person, and nobody else. */
function isWanted(accountId: string, { params }: Interaction): boolean {
  const hint = params["id_token_hint"];
  return typeof hint !== "string" || decodeJwt(hint).sub === accountId;
}
