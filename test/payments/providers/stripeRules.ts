import type { Reply } from "./fakeProvider.js";

/** The one key that the fake Stripe knows. */
export const API_KEY = "sk_test_0123456789abcdef";

export const error = (status: number, message: string, more: object = {}): Reply => ({
  status,
  json: { error: { type: "invalid_request_error", message, ...more } },
});

export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Stripe would not take this: ${what}`);
}
