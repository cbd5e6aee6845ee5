import { pino } from "pino";
import { expect, test } from "vitest";
import type { HttpRequest, HttpResponse } from "../../server/handler.js";
import type { OidcCall } from "../oidc/handler.js";
import { brakesFor } from "./withBrakes.js";

test("while attempts hang, a thousand more of a network wait, and the next is told to come again", async () => {
  const withBrakes = brakesFor({ clock: () => 0n, logger: pino({ level: "silent" }) });
  const hangs = new Promise<void>(() => {});
  let begun = 0;
  const serve = withBrakes("token", () => {
    begun++;
    return hangs;
  });
  const attempts = Array.from({ length: 1101 }, (_, client) => attempt(`client ${client}`));
  for (const { call } of attempts.slice(0, 1100)) void serve(call);
  const [last] = attempts.slice(1100);
  await serve(last?.call as OidcCall);
  expect(begun).toBe(100);
  expect(last?.answer).toMatchObject({ statusCode: 503, retryAfter: "1" });
  expect(JSON.parse(last?.answer.body ?? "")).toMatchObject({ error: "temporarily_unavailable" });
});

/** A call of a client that names itself in a header, and how it is answered. */
function attempt(clientId: string) {
  const answer = { statusCode: 200, retryAfter: "", body: "" };
  const authorization = `Basic ${btoa(`${encodeURIComponent(clientId)}:guess`)}`;
  const response = Object.assign(answer, {
    setHeader(name: string, value: string) {
      if (name === "Retry-After") answer.retryAfter = value;
    },
    end(body: string) {
      answer.body = body;
    },
  });
  const call: OidcCall = {
    request: { headers: { authorization } } as HttpRequest,
    response: response as unknown as HttpResponse,
    path: "/oauth/token",
    query: new URLSearchParams(),
    address: "203.0.113.7",
  };
  return { call, answer };
}
