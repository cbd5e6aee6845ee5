import type { Configuration } from "openid-client";
import type { Clock, Micros } from "../../lib/time.js";

/** After this long the issuer's endpoints and keys are asked for anew. */
const BELIEVED_FOR: Micros = 3_600_000_000n;

export interface Discovery {
  /** The issuer's configuration; asked for when it is needed, and by one caller at a time. */
  current(): Promise<Configuration>;
  /** The next caller asks anew. */
  forget(): void;
}

/** Remembers what `discover` found, or threw: whoever meets with a failure forgets it. */
export function rememberDiscovery(discover: () => Promise<Configuration>, clock: Clock): Discovery {
  let known: { readonly found: Promise<Configuration>; readonly at: Micros } | null = null;
  return {
    current() {
      if (known === null || clock() - known.at > BELIEVED_FOR) {
        known = { found: discover(), at: clock() };
      }
      return known.found;
    },
    forget() {
      known = null;
    },
  };
}
