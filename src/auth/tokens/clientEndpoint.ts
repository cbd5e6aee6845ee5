import { type OAuthAnswer, writeOAuth } from "../oidc/answer.js";
import type { Endpoint } from "../oidc/handler.js";
import {
  type AuthenticateClientOptions,
  authenticateClient,
  type ClientLogin,
} from "./authenticateClient.js";
import { clientRefused, readClaim } from "./readClaim.js";
import { type Parameters, readParameters } from "./readParameters.js";

/** An endpoint for clients that prove who they are; `answer` is asked once they have. */
export const clientEndpoint =
  (
    options: AuthenticateClientOptions,
    answer: (login: ClientLogin, parameters: Parameters) => Promise<OAuthAnswer>,
  ): Endpoint =>
  async ({ request, response }) => {
    const parameters = await readParameters(request);
    if (!parameters.ok) return writeOAuth(response, parameters.failure);
    const claim = readClaim(request, parameters.value);
    if (!claim.ok) return writeOAuth(response, claim.failure);
    const login = await authenticateClient(options, claim.value);
    if (login === null) return writeOAuth(response, clientRefused(request));
    writeOAuth(response, await answer(login, parameters.value));
  };
