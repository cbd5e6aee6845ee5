import type { Provider } from "oidc-provider/lib/provider.js";
import type { OidcAdapter } from "./adapter.js";

/**
 * Logging out ends all that the session brought, whatever goes on in it at the same time. oidc-provider ends the grants
 * that a session lists, but for those with a mark; of several requests at once the last writes that list, and one that
 * comes after the logout writes the session anew. So each grant names its session, and what was found is only replaced.
 */
export function makeLogoutFinal({ Session, Grant }: Provider): void {
  Object.defineProperty(Grant, "IN_PAYLOAD", { value: [...Grant.IN_PAYLOAD, "uid", "isFound"] });
  Object.defineProperty(Session, "IN_PAYLOAD", { value: [...inPayload(Session), "isFound"] });
  const { save, destroy } = Session.prototype;
  Session.prototype.save = async function saveUnlessEnded(ttl) {
    for (const authorization of Object.values(this.authorizations ?? {})) {
      delete authorization.persistsLogout;
    }
    // Under a new id it is a new record.
    const { iat, oldId } = this as Partial<typeof this> & { oldId?: string };
    Object.assign(this, { isFound: iat !== undefined && oldId === undefined });
    try {
      return await save.call(this, ttl);
    } catch (error) {
      // Else oidc-provider tries once more, where nobody catches what is thrown.
      Object.assign(this, { destroyed: true });
      throw error;
    }
  };
  Session.prototype.destroy = async function destroyWithGrants() {
    // It is ours, whatever its type says.
    await (Grant.adapter as OidcAdapter).endSession(this.uid);
    await destroy.call(this);
  };
}

const inPayload = (model: object): string[] => (model as { IN_PAYLOAD: string[] }).IN_PAYLOAD;
