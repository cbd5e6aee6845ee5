import dns from "node:dns";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test, vi } from "vitest";
import type { HttpTarget } from "../../src/payments/connectors/connector.js";
import { createExchange } from "../../src/payments/runtime/exchange.js";
import { createHttpClient } from "../../src/payments/runtime/http.js";
import { eventually } from "../support/eventually.js";
import { onLoopback } from "../support/onLoopback.js";
import { startReceiver } from "../support/receiver.js";

const never = new AbortController().signal;

const clientOf = (baseUrl: string, limits: Partial<HttpTarget> = {}) =>
  createHttpClient({ baseUrl, perSecond: 1000, ...limits }).within(never);

test("numbers of an answer are read without loss", async () => {
  const provider = await startReceiver((response) =>
    response.end('{"amount": 12345678901234567890.10}'),
  );
  const { value } = await clientOf(provider.url).json({ path: "/a" });
  expect(value).toEqual(new Map([["amount", { token: "12345678901234567890.10" }]]));
});

test("a request that is told to come later comes later", async () => {
  const provider = await startReceiver((response, count) => {
    if (count === 1) response.writeHead(429, { "retry-after": "1" });
    response.end("{}");
  });
  const begun = performance.now();
  expect((await clientOf(provider.url).send({ path: "/a" })).status).toBe(200);
  expect(performance.now() - begun).toBeGreaterThan(950);
  expect(provider.deliveries).toHaveLength(2);
});

test("after too many requests it is left alone for as long as is known", async () => {
  const provider = await startReceiver((response, count) => {
    if (count === 1) response.writeHead(429);
    response.end("{}");
  });
  const begun = performance.now();
  await clientOf(provider.url, { tooManyRestsMs: 1000 }).send({ path: "/a" });
  expect(performance.now() - begun).toBeGreaterThan(950);
});

test("an answer of 500 and one that is cut off are asked for again", async () => {
  const provider = await startReceiver((response, count) => {
    if (count === 1) response.writeHead(500).end();
    else if (count === 2)
      response.writeHead(200, { "content-length": "10" }).write("{", () => response.destroy());
    else response.end("{}");
  });
  expect((await clientOf(provider.url).send({ path: "/a" })).body).toBe("{}");
});

test("headers that must not be sent twice are made for each attempt", async () => {
  const provider = await startReceiver((response, count) =>
    response.writeHead(count === 1 ? 500 : 200).end("{}"),
  );
  let nonce = 0;
  const headers = () => ({ nonce: String(++nonce), accept: "text/plain" });
  const request = { path: "/a", headers: { accept: "text/csv" } };
  await clientOf(provider.url, { headers }).send(request);
  expect(provider.deliveries.map(({ headers }) => [headers["nonce"], headers.accept])).toEqual([
    ["1", "text/csv"],
    ["2", "text/csv"],
  ]);
});

test("what changes something at the provider is not sent twice, unless it may be", async () => {
  const provider = await startReceiver((response) => response.writeHead(500).end());
  const client = clientOf(provider.url);
  await expect(client.send({ path: "/a", method: "POST" })).rejects.toThrow(
    "POST /a: answered 500",
  );
  expect(provider.deliveries).toHaveLength(1);
  const repeatable = { path: "/a", method: "POST", isRepeatable: true } as const;
  await expect(client.send(repeatable)).rejects.toThrow("answered 500");
  expect(provider.deliveries).toHaveLength(5);
});

test.each([
  [{ status: 401, body: "{}" }, /^GET \/a: answered 401$/],
  [{ status: 302, body: "" }, /^GET \/a: answered 302$/],
  [
    { status: 200, body: "<html>" },
    /^GET \/a: answered text\/html that is not JSON: .* position 0$/,
  ],
])(
  "an answer of %o is told as what it is, without the query",
  async ({ status, body }, message) => {
    const provider = await startReceiver((response) =>
      response.writeHead(status, { "content-type": "text/html", location: "/b" }).end(body),
    );
    await expect(clientOf(provider.url).json({ path: "/a?key=secret" })).rejects.toThrow(message);
    expect(provider.deliveries).toHaveLength(1);
  },
);

test("an answer that never ends is given up", async () => {
  const provider = await startReceiver((response) => {
    const chunk = "x".repeat(1024 * 1024);
    const pour = () => {
      while (!response.destroyed && response.write(chunk)) {}
    };
    response.on("drain", pour);
    response.on("error", () => {});
    pour();
  });
  const client = clientOf(provider.url);
  await expect(client.send({ path: "/a", method: "POST" })).rejects.toThrow("more than 32 MiB");
});

test("no more requests are under way than the provider bears", async () => {
  let underWay = 0;
  let most = 0;
  const provider = await startReceiver((response) => {
    most = Math.max(most, ++underWay);
    setTimeout(() => {
      underWay--;
      response.end("{}");
    }, 50);
  });
  const client = clientOf(provider.url, { atOnce: 2 });
  await Promise.all(Array.from({ length: 10 }, () => client.send({ path: "/a" })));
  expect(most).toBe(2);
});

test("no more requests are sent in a second than the provider bears", async () => {
  const provider = await startReceiver((response) => response.end("{}"));
  const client = clientOf(provider.url, { perSecond: 50 });
  const begun = performance.now();
  await Promise.all(Array.from({ length: 10 }, () => client.send({ path: "/a" })));
  expect(performance.now() - begun).toBeGreaterThan(9 * 20 - 5);
});

test("nobody but the provider is spoken to", async () => {
  const [provider, other] = [await startReceiver(), await startReceiver()];
  await expect(
    clientOf(provider.url).send({ path: `${other.url}/a`, method: "POST" }),
  ).rejects.toThrow("is not where the provider is");
  expect(other.deliveries).toEqual([]);
  const client = clientOf(provider.url, { alsoAt: [other.url] });
  expect((await client.send({ path: `${other.url}/a` })).status).toBe(200);
});

test("a run that is broken off waits for no answer", async () => {
  const provider = await startReceiver(() => abort.abort(new Error("stop")));
  const abort = new AbortController();
  const client = createHttpClient({ baseUrl: provider.url }).within(abort.signal);
  await expect(client.send({ path: "/a" })).rejects.toThrow("stop");
});

test("a provider that wants to be left alone is asked nothing until then", async () => {
  const provider = await startReceiver((response) =>
    response.writeHead(429, { "retry-after": "99999999999" }).end(),
  );
  const client = clientOf(provider.url);
  const day = 24 * 3_600_000;
  await expect(client.send({ path: "/a" })).rejects.toMatchObject({
    message: "GET /a: answered 429",
    retryAfterMs: day,
  });
  const later = await client.send({ path: "/b" }).catch((error) => error);
  expect(later.message).toMatch(/^the provider wants no requests for another 8\d{4} seconds$/);
  expect(later.retryAfterMs).toBeGreaterThan(day - 60_000);
  expect(provider.deliveries).toHaveLength(1);
});

test.each(["-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", ""])(
  "Retry-After: %j is no reason to wait long",
  async (retryAfter) => {
    const provider = await startReceiver((response, count) => {
      if (count === 1) response.writeHead(503, { "retry-after": retryAfter });
      response.end("{}");
    });
    expect((await clientOf(provider.url).send({ path: "/a" })).status).toBe(200);
  },
);

test("an answer that trickles is given up in time, whatever the garbage collector does", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const provider = await startReceiver((response) => {
    const drip = setInterval(() => {
      collect();
      response.write(" ");
    }, 20);
    response.on("close", () => clearInterval(drip));
  });
  const exchange = createExchange({ baseUrl: provider.url }, 300);
  await expect(exchange.send({ path: "/a" }, never)).rejects.toThrow("gave no answer in time");
});

test("who would rather speak another protocol has not answered", async () => {
  const server = createTcpServer((socket) =>
    socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
  );
  const client = clientOf(`http://${await onLoopback(server)}`);
  await expect(client.send({ path: "/a", method: "POST" })).rejects.toThrow(
    "closed the connection",
  );
});

const openConnections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

test("a client that is closed keeps no connection", async () => {
  const server = createServer((_, response) => response.end("{}"));
  server.keepAliveTimeout = 0;
  const baseUrl = `http://${await onLoopback(server)}`;
  const client = createHttpClient({ baseUrl, perSecond: 1000 });
  await Promise.all([1, 2, 3].map(() => client.within(never).send({ path: "/a" })));
  expect(await openConnections(server)).toBeGreaterThan(0);
  client.close();
  await eventually(async () => expect(await openConnections(server)).toBe(0));
});

test("a host that answers at none of its addresses is told as that", async () => {
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  type Answer = (error: null, found: typeof addresses) => void;
  const answer = (...[, , tell]: [string, object, Answer]) => tell(null, addresses);
  const lookup = vi.spyOn(dns, "lookup").mockImplementation(answer as never);
  onTestFinished(() => lookup.mockRestore());
  // Nobody listens on port 1.
  const client = clientOf("http://provider.test:1");
  await expect(client.send({ path: "/a", method: "POST" })).rejects.toThrow(
    /^POST \/a: connect ECONNREFUSED/,
  );
});

test("a mark of the byte order before an answer is no part of it", async () => {
  const provider = await startReceiver((response) => response.end('\ufeff{"a": "é"}'));
  const { value } = await clientOf(provider.url).json({ path: "/a" });
  expect(value).toEqual(new Map([["a", "é"]]));
});
