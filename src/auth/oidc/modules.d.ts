// oidc-provider's own entry warns on every start under Node 20, which it supports; these are the parts behind it.
declare module "oidc-provider/lib/provider.js" {
  export { default as Provider } from "oidc-provider";
}
declare module "oidc-provider/lib/helpers/errors.js" {
  import type { errors } from "oidc-provider";
  export const InvalidTarget: typeof errors.InvalidTarget;
}
