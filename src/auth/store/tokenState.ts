import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";
import type { TokenIdentity } from "../domain/accessToken.js";

/** What the database knows that decides whether an access token lives, and what it may do. */
export interface TokenState {
  /** Tells the client from an earlier one of the same id. */
  readonly clientCreatedAt: Micros;
  readonly isPublic: boolean;
  /** Labels of the scopes attached to the client and of all that those imply. */
  readonly attached: readonly string[];
  readonly isRevoked: boolean;
  /** Whether the login that it came of still stands; false for a token without. */
  readonly hasGrant: boolean;
}

/** Null if its client is gone. */
export async function findTokenState(
  db: Db,
  { clientId, jti, grant }: TokenIdentity,
): Promise<TokenState | null> {
  const { rows } = await db.raw(
    `with recursive held (scope_id) as (
       select scope_id from client_scopes where client_id = :clientId
       union
       select transient_scope_id from transient_scopes join held using (scope_id)
     )
     select created_at as "clientCreatedAt", public as "isPublic",
       array(select label from scopes where id in (select scope_id from held)) as attached,
       exists(select from revoked_tokens where jti = :jti) as "isRevoked",
       exists(
         select from oidc_records
         where kind = 'Grant' and id_hash = :grantHash and (expires_at is null or expires_at > now())
       ) as "hasGrant"
     from clients where id = :clientId`,
    { clientId, jti, grantHash: grant === null ? null : Buffer.from(grant, "base64url") },
  );
  return rows[0] ?? null;
}
