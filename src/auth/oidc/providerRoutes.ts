import type { Endpoint, Route } from "./handler.js";

/** What oidc-provider serves for everybody. */
export const documentRoutes = (toProvider: Endpoint): readonly Route[] => [
  { path: "/.well-known/openid-configuration", methods: ["GET", "HEAD"], serve: toProvider },
  { path: "/keys", methods: ["GET", "HEAD"], serve: toProvider },
];

/** Where it sends the browsers of people. */
export const browserRoutes = (toProvider: Endpoint): readonly Route[] => [
  { path: /^\/authorize(\/[\w-]+)?$/, methods: ["GET"], serve: toProvider },
  { path: /^\/end_session(\/success)?$/, methods: ["GET"], serve: toProvider },
  { path: "/end_session/confirm", methods: ["POST"], serve: toProvider },
];
