// oidc-provider's own entry warns on every start under Node 20, which it supports; these are the parts behind it.
declare module "oidc-provider/lib/provider.js" {
  export { default as Provider } from "oidc-provider";
}
declare module "oidc-provider/lib/helpers/als.js" {
  import type { AsyncLocalStorage } from "node:async_hooks";

  const contexts: AsyncLocalStorage<unknown>;
  export default contexts;
}
declare module "oidc-provider/lib/helpers/errors.js" {
  import { errors } from "oidc-provider";
  export import InvalidGrant = errors.InvalidGrant;
  export import InvalidRedirectUri = errors.InvalidRedirectUri;
  export import InvalidTarget = errors.InvalidTarget;
  export import LoginRequired = errors.LoginRequired;
  export import SessionNotFound = errors.SessionNotFound;
  export import TemporarilyUnavailable = errors.TemporarilyUnavailable;
}
declare module "oidc-provider/lib/helpers/interaction_policy/index.js" {
  import type { interactionPolicy } from "oidc-provider";
  export const base: typeof interactionPolicy.base;
}
