import type { Login } from "../store/users.js";

/** What the upstream issuer says of who logged in. */
export interface Identity extends Login {
  /** When the person proved who they are, in seconds; null if the issuer does not tell. */
  readonly authTime: number | null;
}

/** Claims of an ID token, or of a UserInfo answer. */
export type Claims = Readonly<Record<string, unknown>>;

/** OpenID Connect allows 255 characters of ASCII; some issuers take a few more. */
const SUBJECT = /^[\x20-\x7e]{1,1024}$/;

/** Whatever looks like an address and can be stored; it is shown, and nothing rests on it. */
const EMAIL = /^[^\s\p{C}@]+@[^\s\p{C}@]+$/u;
const LONGEST_EMAIL = 320;

/** Null if the claims do not name a person. */
export function identityOf(idToken: Claims, more: Claims = {}): Identity | null {
  const { iss: issuer, sub: subject, auth_time: authTime } = idToken;
  if (typeof issuer !== "string" || typeof subject !== "string" || !SUBJECT.test(subject)) {
    return null;
  }
  const source = hasEmail(idToken) ? idToken : more;
  const { email, email_verified: verified } = source;
  return {
    issuer,
    subject,
    email: hasEmail(source) ? String(email) : "",
    // Some issuers send the text.
    isEmailVerified: hasEmail(source) && (verified === true || verified === "true"),
    authTime: typeof authTime === "number" ? authTime : null,
  };
}

/** Whether the claims name an e-mail address. */
export const hasEmail = ({ email }: Claims): boolean =>
  typeof email === "string" && email.length <= LONGEST_EMAIL && EMAIL.test(email);
