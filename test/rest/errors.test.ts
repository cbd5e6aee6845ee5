import { createServer } from "node:http";
import { Code, ConnectError, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { pino } from "pino";
import { expect, test } from "vitest";
import { ApiError } from "../../src/server/apiError.js";
import { listen, restListener, serveRest } from "./serveRest.js";

/** The answer to a call that fails with `error`. */
async function answerTo(error: unknown, verb = "GET") {
  const { send } = await serveRest({
    read() {
      throw error;
    },
  });
  return send(verb, "/test/plain");
}

test.each([
  [Code.Canceled, 499, "INTERNAL"],
  [Code.Unknown, 500, "INTERNAL"],
  [Code.InvalidArgument, 400, "VALIDATION"],
  [Code.DeadlineExceeded, 504, "INTERNAL"],
  [Code.NotFound, 404, "NOT_FOUND"],
  [Code.AlreadyExists, 409, "CONFLICT"],
  [Code.PermissionDenied, 403, "VALIDATION"],
  [Code.ResourceExhausted, 429, "INTERNAL"],
  [Code.FailedPrecondition, 400, "VALIDATION"],
  [Code.Aborted, 409, "CONFLICT"],
  [Code.OutOfRange, 400, "VALIDATION"],
  [Code.Unimplemented, 501, "INTERNAL"],
  [Code.Internal, 500, "INTERNAL"],
  [Code.Unavailable, 503, "INTERNAL"],
  [Code.DataLoss, 500, "INTERNAL"],
  [Code.Unauthenticated, 401, "VALIDATION"],
])("gRPC code %i is HTTP %i %s", async (code, status, errorCode) => {
  const { status: answered, headers, body } = await answerTo(new ConnectError("the reason", code));
  expect(answered).toBe(status);
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(JSON.parse(body)).toEqual({
    errorCode,
    errorMessage: "the reason",
    error_code: errorCode,
    error_message: "the reason",
  });
});

test("an ApiError says its own code, status, details and headers", async () => {
  const { status, headers, body } = await answerTo(
    new ApiError({
      code: Code.ResourceExhausted,
      errorCode: "INSUFFICIENT_FUND",
      message: "the queue is full",
      reason: "QUEUE_FULL",
      httpStatus: 503,
      details: "https://play.example",
      headers: { "Retry-After": "1" },
    }),
  );
  expect([status, headers["retry-after"]]).toEqual([503, "1"]);
  expect(JSON.parse(body)).toMatchObject({
    errorCode: "INSUFFICIENT_FUND",
    errorMessage: "the queue is full",
    details: "https://play.example",
  });
});

test("401 says how to authenticate", async () => {
  const { headers } = await answerTo(new ConnectError("no token", Code.Unauthenticated));
  expect(headers["www-authenticate"]).toBe("Bearer");
});

test("HEAD hears of an error without a body and without a type", async () => {
  const { status, headers, body } = await answerTo(new ConnectError("no", Code.NotFound), "HEAD");
  expect([status, body]).toEqual([404, ""]);
  expect(headers).not.toHaveProperty("content-type");
});

test("a fault of ours is logged once, and told by its number only", async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  const fault = new Error("secret: password");
  const { send } = await serveRest(
    {
      read() {
        throw fault;
      },
    },
    { logger },
  );
  const { status, headers, body } = await send("GET", "/test/plain");
  const requestId = headers["x-request-id"];
  expect([status, JSON.parse(body).errorCode]).toEqual([500, "INTERNAL"]);
  expect(JSON.parse(body).errorMessage).toBe(`internal error (request ${requestId})`);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ requestId, err: { message: fault.message } });
});

test("a 5xx names its request", async () => {
  const listener = restListener({});
  const server = createServer((request, response) => {
    response.setHeader("x-request-id", "r-1");
    listener(request, response);
  });
  const send = await listen(server);
  expect(JSON.parse((await send("GET", "/test/missing")).body)).toMatchObject({
    errorCode: "INTERNAL",
    details: "request r-1",
  });
  expect(JSON.parse((await send("POST", "/test/missing")).body)).not.toHaveProperty("details");
});

test("an answer that cannot be printed is a fault of ours", async () => {
  const { send } = await serveRest({ read: () => ({ colour: 99 }) });
  expect((await send("GET", "/test/plain")).status).toBe(500);
});

test("interceptors run in order, around every call", async () => {
  const seen: string[] = [];
  const note =
    (name: string): Interceptor =>
    (next) =>
    async (request) => {
      seen.push(`${name} ${request.method.name} ${request.requestMethod} ${request.stream}`);
      const answer = await next(request);
      answer.header.set("x-seen-by", name);
      return answer;
    };
  const { send } = await serveRest(
    { read: () => ({}), watch: async function* () {} },
    { interceptors: [note("outer"), note("inner")] },
  );
  const { headers } = await send("GET", "/test/plain");
  await send("GET", "/test/watch");
  expect(seen).toEqual([
    "outer Read GET false",
    "inner Read GET false",
    "outer Watch GET true",
    "inner Watch GET true",
  ]);
  expect(headers["x-seen-by"]).toBe("outer");
});

test("who may not call hears nothing about the request's form", async () => {
  const refuse: Interceptor = () => () => {
    throw new ConnectError("who are you?", Code.Unauthenticated);
  };
  const { send } = await serveRest({}, { interceptors: [refuse], defaultMaxBodyBytes: 10 });
  expect((await send("POST", "/test/part", { body: "}" })).status).toBe(401);
  expect((await send("POST", "/test/part", { body: "}".repeat(100) })).status).toBe(401);
  expect((await send("GET", "/test/query?pageSize=x")).status).toBe(401);
  expect((await send("GET", "/test/missing")).status).toBe(401);
});

test("interceptors see what is wrong with a request as an error of the call", async () => {
  const codes: Code[] = [];
  const watch: Interceptor = (next) => (request) =>
    next(request).catch((error: unknown) => {
      codes.push(ConnectError.from(error).code);
      throw error;
    });
  const { send } = await serveRest(
    { part: () => ({}), query: () => ({}) },
    { interceptors: [watch] },
  );
  await send("POST", "/test/part", { body: "}" });
  await send("GET", "/test/query?pageSize=x");
  expect(codes).toEqual([Code.InvalidArgument, Code.InvalidArgument]);
});

test("a client that leaves ends its call", async () => {
  let arrived = (_context: HandlerContext) => {};
  const context = new Promise<HandlerContext>((resolve) => {
    arrived = resolve;
  });
  const { port } = await serveRest({
    read: (_: unknown, context: HandlerContext) => {
      arrived(context);
      return new Promise((_resolve, reject) => {
        context.signal.addEventListener("abort", () => reject(context.signal.reason));
      });
    },
  });
  const leave = new AbortController();
  const left = fetch(`http://127.0.0.1:${port}/test/plain`, { signal: leave.signal });
  const { signal } = await context;
  leave.abort();
  await expect(left).rejects.toThrow();
  await expect.poll(() => signal.aborted).toBe(true);
  expect((signal.reason as ConnectError).code).toBe(Code.Canceled);
});
