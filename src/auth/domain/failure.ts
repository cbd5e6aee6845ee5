import type { InvalidField } from "./field.js";

export interface ClientNotFound {
  readonly kind: "client-not-found";
  readonly clientId: string;
}

export interface ScopeNotFound {
  readonly kind: "scope-not-found";
  readonly scopeId: string;
}

export interface ClientIdTaken {
  readonly kind: "client-id-taken";
  readonly clientId: string;
}

export interface LabelTaken {
  readonly kind: "label-taken";
  readonly label: string;
}

/** Everything that the management of clients, scopes and users can be refused for. */
export type AuthFailure =
  | InvalidField
  | ClientNotFound
  | ScopeNotFound
  | LabelTaken
  | { readonly kind: "secret-not-found"; readonly clientId: string; readonly secretId: string }
  | { readonly kind: "user-not-found"; readonly userId: string }
  | ClientIdTaken
  | { readonly kind: "public-client"; readonly clientId: string }
  | { readonly kind: "too-many-secrets"; readonly clientId: string; readonly limit: number }
  /** Without it, `clientId` would be unrestricted. */
  | { readonly kind: "only-scope"; readonly scopeId: string; readonly clientId: string };
