import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { allowOrigins } from "../src/server/cors.js";
import { startListener } from "./support/listener.js";

const PAGE = "https://app.example.com";

/** Asks for `path` as a browser does for a page of `origin`. */
async function ask(origins: readonly string[] | null, method: string, headers: object) {
  const handler = allowOrigins((_req, res) => void res.end("hello"), origins);
  const { port } = await startListener({ handler });
  const asked = request({
    port,
    host: "127.0.0.1",
    path: "/api/ledger/x",
    method,
    headers: { ...headers },
  });
  const [response] = await once(asked.end(), "response");
  return {
    ...response,
    body: String(Buffer.concat(await response.toArray())),
    headers: response.headers,
    statusCode: response.statusCode,
  };
}

test("a preflight is answered for every path, without a token and without the handler", async () => {
  const { statusCode, headers, body } = await ask(null, "OPTIONS", {
    origin: PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,idempotency-key",
  });
  expect([statusCode, body]).toEqual([204, ""]);
  expect(headers["access-control-allow-origin"]).toBe("*");
  expect(headers["access-control-allow-methods"]).toMatch(/GET.*POST.*PUT.*DELETE/);
  for (const name of [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Connect-Protocol-Version",
    "X-Grpc-Web",
    "Last-Event-ID",
  ]) {
    expect(headers["access-control-allow-headers"]).toContain(name);
  }
  expect(headers["content-type"]).toBeUndefined();
});

test("pages of any origin may read answers and the headers that matter", async () => {
  const { headers, body } = await ask(null, "GET", { origin: PAGE });
  expect(body).toBe("hello");
  expect(headers["access-control-allow-origin"]).toBe("*");
  for (const name of [
    "Count",
    "Idempotency-Hit",
    "Retry-After",
    "Location",
    "Grpc-Status",
    "X-Request-Id",
  ]) {
    expect(headers["access-control-expose-headers"]).toContain(name);
  }
});

test("a list of origins shuts out the others, and keeps caches apart", async () => {
  const friend = await ask([PAGE], "GET", { origin: PAGE });
  expect(friend.headers["access-control-allow-origin"]).toBe(PAGE);
  const stranger = await ask([PAGE], "OPTIONS", { origin: "https://evil.example.com" });
  expect(stranger.statusCode).toBe(204);
  expect(stranger.headers["access-control-allow-origin"]).toBeUndefined();
  for (const { headers } of [friend, stranger]) expect(headers.vary).toBe("Origin");
});

test("who is no browser is not bothered", async () => {
  const { headers, body } = await ask(null, "GET", {});
  expect(body).toBe("hello");
  expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});
