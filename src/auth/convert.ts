import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type ClientOptions as ClientOptionsMessage,
  ClientOptionsSchema,
  type ClientSchema,
  SecretOptionsSchema,
} from "../../gen/florin/auth/v1/client_pb.js";
import { ScopeOptionsSchema, type ScopeSchema } from "../../gen/florin/auth/v1/scope_pb.js";
import { fail, ok, type Result } from "../lib/result.js";
import { type ClientOptions, checkClientId, checkClientOptions } from "./domain/clientOptions.js";
import type { InvalidField } from "./domain/field.js";
import { checkScopeOptions, type ScopeOptions } from "./domain/scopeOptions.js";
import { checkSecretOptions, type SecretOptions } from "./domain/secretOptions.js";
import type { ManagedClient } from "./store/managedClients.js";
import type { Scope } from "./store/scopes.js";

type Parsed<T> = Result<T, InvalidField>;

/** The id wanted for a new client; null for any. */
export function toClientId(sent: ClientOptionsMessage | undefined): Parsed<string | null> {
  if (sent === undefined || sent.id === "") return ok(null);
  const fault = checkClientId(sent.id);
  return fault ? fail(fault) : ok(sent.id);
}

export function toClientOptions(sent = create(ClientOptionsSchema)): Parsed<ClientOptions> {
  const { name, description, redirectUris, postLogoutRedirectUris, metadata = {} } = sent;
  const { public: isPublic, trusted: isTrusted } = sent;
  const texts = { name, description, redirectUris, postLogoutRedirectUris };
  const options = { ...texts, isPublic, isTrusted, metadata };
  const fault = checkClientOptions(options);
  return fault ? fail(fault) : ok(options);
}

export function toSecretOptions(sent = create(SecretOptionsSchema)): Parsed<SecretOptions> {
  const { name, metadata = {} } = sent;
  const fault = checkSecretOptions({ name, metadata });
  return fault ? fail(fault) : ok({ name, metadata });
}

export function toScopeOptions(sent = create(ScopeOptionsSchema)): Parsed<ScopeOptions> {
  const { label, metadata = {} } = sent;
  const fault = checkScopeOptions({ label, metadata });
  return fault ? fail(fault) : ok({ label, metadata });
}

export const fromClient = (client: ManagedClient): MessageInitShape<typeof ClientSchema> => ({
  id: client.id,
  name: client.name,
  description: client.description,
  public: client.isPublic,
  trusted: client.isTrusted,
  redirectUris: [...client.redirectUris],
  postLogoutRedirectUris: [...client.postLogoutRedirectUris],
  metadata: client.metadata,
  scopes: [...client.scopes],
  secrets: [...client.secrets],
});

export const fromScope = ({
  transient,
  ...scope
}: Scope): MessageInitShape<typeof ScopeSchema> => ({
  ...scope,
  transient: [...transient],
});
