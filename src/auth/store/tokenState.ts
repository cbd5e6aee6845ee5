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

/** Of each of `tokens`, in one statement; null if its client is gone. */
export async function findTokenStates(
  db: Db,
  tokens: readonly TokenIdentity[],
): Promise<(TokenState | null)[]> {
  const { rows } = await db.raw<{ rows: (TokenState & { place: number })[] }>(
    `with recursive asked (client_id, jti, grant_hash, place) as (
       select * from unnest(?::text[], ?::text[], ?::bytea[]) with ordinality
     ), held (client_id, scope_id) as (
       select client_id, scope_id from client_scopes where client_id in (select client_id from asked)
       union
       select held.client_id, transient_scope_id from transient_scopes join held using (scope_id)
     )
     select place::int, created_at as "clientCreatedAt", public as "isPublic",
       array(
         select label from scopes where id in (select scope_id from held where held.client_id = clients.id)
       ) as attached,
       exists(select from revoked_tokens where jti = asked.jti) as "isRevoked",
       exists(
         select from oidc_records
         where kind = 'Grant' and id_hash = asked.grant_hash and (expires_at is null or expires_at > now())
       ) as "hasGrant"
     from asked join clients on id = asked.client_id`,
    [
      tokens.map(({ clientId }) => clientId),
      tokens.map(({ jti }) => jti),
      tokens.map(({ grant }) => Buffer.from(grant ?? "", "base64url")),
    ],
  );
  const states = new Map(rows.map(({ place, ...state }) => [place, state]));
  return tokens.map((_, index) => states.get(index + 1) ?? null);
}
