import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { HttpTarget } from "../connector.js";

/** A certificate and its key (PEM); null if neither is given. Else what is wrong with them. */
export function readCertificate(
  cert: string,
  key: string,
): Result<NonNullable<HttpTarget["certificate"]> | null, string> {
  if (cert === "" && key === "") return ok(null);
  if (cert === "") return fail("missing user certificate from config");
  if (key === "") return fail("missing user certificate passphrase from config");
  // Certificates are no secret, and shown.
  if (cert.includes("PRIVATE KEY")) return fail("userCertificate must not hold a private key");
  const certificate = orNull(() => new X509Certificate(cert));
  if (certificate === null) return fail("userCertificate is no certificate (PEM)");
  const privateKey = orNull((): KeyObject => createPrivateKey(key));
  if (privateKey === null) return fail("userCertificateKey is no private key (PEM, unencrypted)");
  return certificate.checkPrivateKey(privateKey)
    ? ok({ cert, key })
    : fail("userCertificateKey is not the key of userCertificate");
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
