import type { HandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { serveRest } from "./serveRest.js";

/** Serves RPCs that answer with their own name, and with what their request says. */
const serveNames = () =>
  serveRest({
    path: ({ tenant, itemId }: { tenant: string; itemId: bigint }) => ({
      text: tenant,
      uint64Value: itemId,
    }),
    special: () => ({ text: "special" }),
    coloured: ({ colour }: { colour: number }) => ({ int32Value: colour }),
    query: () => ({ text: "query" }),
    count: () => ({ totalCount: 7n }),
    remove: () => ({ text: "remove" }),
    read: () => ({ text: "read" }),
    whole: () => ({}),
  });

test("a path is split first and decoded then", async () => {
  const { send } = await serveNames();
  const tenant = async (segment: string) =>
    JSON.parse((await send("GET", `/test/${segment}/items/1`)).body).text;
  expect(await tenant("users%3A001")).toBe("users:001");
  expect(await tenant("users:001")).toBe("users:001");
  expect(await tenant("a%2Fb")).toBe("a/b");
  expect(await tenant("a%2525")).toBe("a%25");
  expect(await tenant("a%252Fb")).toBe("a%2Fb");
  expect(await tenant("%F0%9F%98%80%20+")).toBe("😀 +");
  expect(await tenant("eyJ%3D%3d")).toBe("eyJ==");
});

test("a long variable is no trouble", async () => {
  const { send } = await serveNames();
  const { status, body } = await send("GET", `/test/${"x".repeat(2000)}/items/1`);
  expect([status, JSON.parse(body).text.length]).toEqual([200, 2000]);
});

test("a literal segment wins over a variable", async () => {
  const { send } = await serveNames();
  expect((await send("GET", "/test/special/items/7")).body).toBe('{"text":"special"}');
  expect((await send("GET", "/test/special/items/8")).body).toBe(
    '{"text":"special","uint64Value":8}',
  );
});

test("an RPC may have further paths", async () => {
  const { send } = await serveNames();
  expect((await send("POST", "/test/a/touch/5")).body).toBe('{"text":"a","uint64Value":5}');
});

test.each(["/test/queries", "/TEST/query", "/test/query/", "/test", "/", "//", "/test//query"])(
  "%s is no route: whoever comes next is asked",
  async (path) => {
    const { send } = await serveNames();
    expect(await send("GET", path)).toMatchObject({ status: 404, body: "next" });
  },
);

test("an enum in the path is matched by its texts, and another text is no path", async () => {
  const { send } = await serveNames();
  const colour = async (text: string) => await send("PUT", `/test/colours/${text}`, { body: "{}" });
  expect((await colour("RED")).body).toBe('{"int32Value":1}');
  expect((await colour("light%20blue")).body).toBe('{"int32Value":2}');
  expect((await colour("sky")).body).toBe('{"int32Value":2}');
  for (const text of ["Red", "red", "COLOUR_RED", "UNSPECIFIED", "", "1"]) {
    expect(await colour(text)).toMatchObject({ status: 404, body: "next" });
    expect(await send("GET", `/test/colours/${text}`)).toMatchObject({ status: 404, body: "next" });
  }
});

test("the wrong method is 405, with the right ones", async () => {
  const { send } = await serveNames();
  const { status, headers, body } = await send("POST", "/test/plain");
  expect([status, headers.allow]).toEqual([405, "GET, HEAD, DELETE"]);
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(JSON.parse(body)).toEqual({
    errorCode: "VALIDATION",
    errorMessage: "POST is not allowed here; allowed: GET, HEAD, DELETE",
    error_code: "VALIDATION",
    error_message: "POST is not allowed here; allowed: GET, HEAD, DELETE",
  });
  expect((await send("GET", "/test/colours/RED")).headers.allow).toBe("PUT");
  expect((await send("PROPFIND", "/test/plain")).status).toBe(405);
  expect(await send("HEAD", "/test/a/whole")).toMatchObject({ status: 405, body: "" });
});

test("HEAD is GET without a body and without a type, unless an RPC of its own answers it", async () => {
  const { send } = await serveNames();
  const plain = await send("HEAD", "/test/plain");
  expect([plain.status, plain.body]).toEqual([200, ""]);
  expect(plain.headers).not.toHaveProperty("content-type");
  expect(plain.headers).not.toHaveProperty("content-length");
  expect(plain.headers).not.toHaveProperty("transfer-encoding");
  const counted = await send("HEAD", "/test/query");
  expect([counted.status, counted.headers["count"], counted.body]).toEqual([200, "7", ""]);
  expect(counted.headers).not.toHaveProperty("content-type");
});

test("HEAD answers a stream's path with 405: it would never end", async () => {
  const { send } = await serveRest({ watch: async function* () {} });
  const { status, headers } = await send("HEAD", "/test/watch");
  expect([status, headers.allow]).toEqual([405, "GET"]);
});

test.each(["/test/%/items/1", "/test/%zz/items/1", "/test/%ff/items/1", "/test/%c0%80/items/1"])(
  "%s is 400: it cannot be decoded",
  async (path) => {
    const { send } = await serveNames();
    const { status, body } = await send("GET", path);
    expect([status, JSON.parse(body).errorMessage]).toEqual([
      400,
      "invalid percent-encoding in the path",
    ]);
  },
);

test("a variable that cannot be read is 400, in the words of its option", async () => {
  const { send } = await serveNames();
  for (const id of ["x", "-1", "1.0", "18446744073709551616", ""]) {
    const { status, body } = await send("GET", `/test/a/items/${id}`);
    expect([status, JSON.parse(body).errorMessage]).toEqual([400, "invalid item ID"]);
  }
});

test("an RPC that does not exist yet is 501 and says so", async () => {
  const { send } = await serveRest({});
  const { status, body } = await send("GET", "/test/missing");
  expect(status).toBe(501);
  expect(JSON.parse(body)).toMatchObject({
    errorCode: "INTERNAL",
    errorMessage: "florin.resttest.v1.RestTestService.Missing is not implemented",
  });
});

test("handlers see the request as they do on RPC", async () => {
  let seen: HandlerContext | undefined;
  const { send, port } = await serveRest({
    read: (_: unknown, context: HandlerContext) => {
      seen = context;
      context.responseHeader.set("Idempotency-Hit", "true");
      return {};
    },
  });
  const { headers } = await send("GET", "/test/plain?a=1", { headers: { "X-Thing": "a" } });
  expect(headers["idempotency-hit"]).toBe("true");
  expect(seen?.requestHeader.get("x-thing")).toBe("a");
  expect(seen?.url).toBe(`http://127.0.0.1:${port}/test/plain?a=1`);
  expect(seen?.requestMethod).toBe("GET");
  expect(seen?.method.name).toBe("Read");
  expect(seen?.protocolName).toBe("rest");
});
