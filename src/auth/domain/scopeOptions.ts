import { checkMetadata, type InvalidField, invalidField, type Metadata } from "./field.js";
import { OIDC_SCOPES } from "./scopes.js";

/** What a caller decides about a scope. */
export interface ScopeOptions {
  readonly label: string;
  readonly metadata: Metadata;
}

/** The first field that breaks its rule; null if none does. */
export const checkScopeOptions = ({ label, metadata }: ScopeOptions): InvalidField | null =>
  checkLabel(label) ?? checkMetadata(metadata);

/** Tokens and requests join labels with spaces: RFC 6749, section 3.3, says what they are made of. */
function checkLabel(label: string): InvalidField | null {
  if (!/^[!#-[\]-~]{1,255}$/.test(label)) {
    return invalidField(
      "label",
      "must have 1 to 255 printable ASCII characters, without spaces, quotes and backslashes",
    );
  }
  return OIDC_SCOPES.has(label)
    ? invalidField("label", "must not be a scope of OpenID Connect")
    : null;
}
