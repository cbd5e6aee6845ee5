import type { Provider } from "oidc-provider/lib/provider.js";

/** Lets each ID token name the access token that comes with it (`at_hash`), which oidc-provider leaves out where it may. */
export function nameAccessToken({ AccessToken, IdToken }: Provider): void {
  const values = new WeakMap<object, string>();
  const { save } = AccessToken.prototype;
  AccessToken.prototype.save = async function saveAndRemember() {
    const value = await save.call(this);
    values.set(this, value);
    return value;
  };
  const { issue } = IdToken.prototype;
  IdToken.prototype.issue = function issueWithHash(options) {
    const { AccessToken: token } = this.ctx.oidc.entities;
    const value = token && values.get(token);
    // Its hash is taken by `issue`, with the algorithm of the signature.
    if (value !== undefined) this.set("at_hash", value);
    return issue.call(this, options);
  };
}
