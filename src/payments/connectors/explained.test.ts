import { expect, test } from "vitest";
import { type Http, ProviderError } from "./connector.js";
import { createStripeClient } from "./stripe/client.js";
import { createWiseClient } from "./wise/client.js";

const API_KEY = "a key that nobody may see";

/** A provider that is asked too much, and says `message`. */
function tiredProvider(message: string): Http {
  const body = JSON.stringify({ error: { message }, errors: [{ message }] });
  const refuse = () =>
    Promise.reject(
      new ProviderError("GET /: answered 503", {
        ...{ status: 503, headers: { "x-hint": "1" }, body, retryAfterMs: 3_600_000 },
      }),
    );
  return { send: refuse, json: refuse };
}

test.each([
  [
    "Stripe",
    (http: Http) =>
      createStripeClient(http, { apiKey: API_KEY, pageSize: 1 }).findTransaction("txn_1"),
  ],
  ["Wise", (http: Http) => createWiseClient(http, API_KEY).listProfiles()],
])("%s is left alone for as long as it asks, whatever it says besides", async (_, ask) => {
  const http = tiredProvider(`Come later, ${API_KEY}`);
  await expect(ask(http)).rejects.toMatchObject({
    message: "GET /: answered 503: Come later, ***",
    ...{ status: 503, headers: { "x-hint": "1" }, retryAfterMs: 3_600_000 },
  });
});
