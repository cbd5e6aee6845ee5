import {
  checkMetadata,
  checkName,
  type InvalidField,
  invalidField,
  type Metadata,
} from "./field.js";

/** What a caller decides about a client. */
export interface ClientOptions {
  readonly name: string;
  readonly description: string;
  /** Whether it cannot keep a secret. */
  readonly isPublic: boolean;
  /** Whether it may introspect tokens of other clients. */
  readonly isTrusted: boolean;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly metadata: Metadata;
}

const LONGEST_DESCRIPTION = 4096;
const MOST_URIS = 100;
const LONGEST_URI = 2000;

/** The first field that breaks its rule; null if none does. */
export const checkClientOptions = (options: ClientOptions): InvalidField | null =>
  checkName("name", options.name) ??
  checkDescription(options.description) ??
  checkUris("redirectUris", options.redirectUris) ??
  checkUris("postLogoutRedirectUris", options.postLogoutRedirectUris) ??
  checkMetadata(options.metadata);

/** Whether a client of this id can be served: OAuth must carry it (RFC 6749, appendix A.1), and oidc-provider keeps ids as keys of plain objects. */
export const isServableId = (id: string): boolean => /^[\x20-\x7e]+$/.test(id) && !(id in {});

/** Null for a good id of a client: what OAuth can carry (RFC 6749, appendix A.1), and a path can name. */
export function checkClientId(id: string): InvalidField | null {
  if (!/^[!-~]{1,255}$/.test(id) || id === "." || id === "..") {
    return invalidField(
      "id",
      "must have 1 to 255 printable ASCII characters, no spaces, and more than dots",
    );
  }
  // oidc-provider keeps ids as keys of plain objects: it serves none that such an object has by nature.
  return id in {} ? invalidField("id", "must not be a name that JavaScript reserves") : null;
}

const checkDescription = ({ length }: string): InvalidField | null =>
  length <= LONGEST_DESCRIPTION
    ? null
    : invalidField("description", `must have at most ${LONGEST_DESCRIPTION} characters`);

function checkUris(field: string, uris: readonly string[]): InvalidField | null {
  if (uris.length > MOST_URIS) return invalidField(field, `must be at most ${MOST_URIS}`);
  for (const [index, uri] of uris.entries()) {
    const problem = problemOfUri(uri);
    if (problem !== null) return invalidField(`${field}[${index}]`, problem);
  }
  return null;
}

/** Redirect URIs are compared whole, as text: each must have one spelling only, and no part that a browser drops or changes. */
function problemOfUri(uri: string): string | null {
  if (uri.length > LONGEST_URI) return `must have at most ${LONGEST_URI} characters`;
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return "must be a whole URL, beginning with https:// or http://";
  }
  if (uri.includes("#")) return "must not have a fragment";
  if (url.username !== "" || url.password !== "") return "must not hold a user or a password";
  if (uri.includes("*")) return "must not have a wildcard";
  const isNormal = uri === url.href || `${uri}/` === url.href;
  return isNormal ? null : `must be spelled ${url.href}`;
}
