import type { Clock } from "../../lib/time.js";
import type { Endpoint } from "../oidc/handler.js";
import { writePage } from "../oidc/page.js";
import { createMeter, type Limit, retryAfter } from "./meter.js";
import { networkOf } from "./networkOf.js";

/** Steps of logins that one network may take: a whole office may come at once. */
const STEPS: Limit = { points: 600, window: 60_000_000n };

/** Holds back a network that takes more of them than people do. Whoever begins a login leaves a record in the database. */
export function pageLimit(clock: Clock): (endpoint: Endpoint) => Endpoint {
  const steps = createMeter(STEPS, clock);
  return (endpoint) => async (call) => {
    const network = networkOf(call.address);
    const heldFor = steps.heldFor(network);
    if (heldFor === 0n) {
      steps.add(network, 1);
      return endpoint(call);
    }
    call.response.setHeader("Retry-After", retryAfter(heldFor));
    writePage(call.response, 429, {
      title: "Too many logins at once",
      text: "Wait a minute, then go back to the application and try again.",
    });
  };
}
