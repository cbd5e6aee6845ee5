import { randomBytes } from "node:crypto";
import type { AdapterPayload } from "oidc-provider";
import type { Db } from "../../db/database.js";
import { issuedAt } from "../domain/accessToken.js";
import { isServableId } from "../domain/clientOptions.js";
import { listSecrets } from "../store/clientSecrets.js";
import { findClient } from "../store/clients.js";

/** oidc-provider insists on a secret of its own; nobody knows this one, and it is never compared. */
const UNUSED_SECRET = randomBytes(32).toString("base64url");

/**
 * A client in oidc-provider's words; undefined if there is none of this id, or none that could get a token. No `scope`:
 * it would refuse every request for a scope that is not there.
 */
export async function findMetadata(
  db: Db,
  id: string,
  hasLogins: boolean,
): Promise<AdapterPayload | undefined> {
  if (!isServableId(id)) return undefined;
  const client = await findClient(db, id);
  if (client === null) {
    // As much work as to refuse a wrong secret: nobody learns from it who is a client.
    await listSecrets(db, id);
    return undefined;
  }
  const { isPublic, redirectUris, postLogoutRedirectUris } = client;
  const takesLogins = hasLogins && redirectUris.length > 0;
  if (isPublic && !takesLogins) return undefined;
  return {
    client_id: client.id,
    client_id_issued_at: issuedAt(client.createdAt),
    // A confidential client may use the header and the form alike: oidc-provider takes the one for the other.
    ...(isPublic ? { token_endpoint_auth_method: "none" } : { client_secret: UNUSED_SECRET }),
    grant_types: [
      ...(isPublic ? [] : ["client_credentials"]),
      ...(takesLogins ? ["authorization_code", "refresh_token"] : []),
    ],
    response_types: takesLogins ? ["code"] : [],
    redirect_uris: takesLogins ? [...redirectUris] : [],
    post_logout_redirect_uris: hasLogins ? [...postLogoutRedirectUris] : [],
  };
}
