import type { ServerResponse } from "node:http";
import { SessionNotFound } from "oidc-provider/lib/helpers/errors.js";
import type { Provider } from "oidc-provider/lib/provider.js";
import { randomNonce, randomPKCECodeVerifier, randomState } from "openid-client";
import type { Endpoint, OidcCall } from "../oidc/handler.js";
import type { Interaction } from "../oidc/interaction.js";
import { goOn, refuse, tellClient } from "./endings.js";
import { surplusCookies } from "./loginCookie.js";
import type { LoginRoom } from "./loginRoom.js";
import { LOGIN_SECONDS } from "./pendingLogins.js";
import { wishesOf } from "./wishes.js";

/** Sends a browser that an authorization request brought here to the upstream issuer. */
export function startLogin(room: LoginRoom): Endpoint {
  const { currentProvider, upstream, logins, cookies, clock } = room;
  return async (call) => {
    const interaction = await interactionOf(currentProvider(), call);
    if (interaction === null) return refuse(room, call);
    const { uid } = interaction;
    const { parameters, freshSince } = wishesOf(interaction, Number(clock() / 1_000_000n));
    const login = {
      uid,
      freshSince,
      state: randomState(),
      nonce: randomNonce(),
      codeVerifier: randomPKCECodeVerifier(),
    };
    const url = await upstream.authorizationUrl(login, parameters);
    if (!url.ok) return tellClient(room, call, interaction, url.failure);
    goOn(call, url.value.href, [
      ...surplusCookies(call.request).map(cookies.clear),
      cookies.set(await logins.keep(login), LOGIN_SECONDS),
    ]);
  };
}

/** The interaction of this path, if it is this browser's: its cookie is sent to that path only. */
async function interactionOf(
  provider: Provider,
  { request, response, path }: OidcCall,
): Promise<Interaction | null> {
  try {
    // Only the request matters here, and Node's two types of response differ in nothing that does.
    const interaction = await provider.interactionDetails(request, response as ServerResponse);
    return path === `/login/${interaction.uid}` ? interaction : null;
  } catch (error) {
    if (error instanceof SessionNotFound) return null;
    throw error;
  }
}
