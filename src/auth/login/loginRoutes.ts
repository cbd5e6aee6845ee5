import type { Endpoint, Route } from "../oidc/handler.js";
import { finishLogin } from "./finishLogin.js";
import { createLoginRoom, type LoginOptions } from "./loginRoom.js";
import { orTryAgain } from "./orTryAgain.js";
import { startLogin } from "./startLogin.js";

/** The way of a login out to the upstream issuer, and back. */
export function loginRoutes(options: LoginOptions): readonly Route[] {
  const room = createLoginRoom(options);
  const serve = (endpoint: Endpoint) => orTryAgain(room.logger, endpoint);
  return [
    { path: /^\/login\/[\w-]+$/, methods: ["GET"], serve: serve(startLogin(room)) },
    { path: "/authorize/callback", methods: ["GET"], serve: serve(finishLogin(room)) },
  ];
}
