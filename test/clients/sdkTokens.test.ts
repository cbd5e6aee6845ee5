import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { createFlorin, FlorinError } from "../../sdk/src/node.js";
import { clientCredentialsTokens } from "../../sdk/src/tokens.js";
import { bearer, fakeFlorin, listen } from "./fakeFlorin.js";

const client = { clientId: "shop", clientSecret: "s3cret", transport: "connect" } as const;
const grant = (token: string, lifetime = 3600) => ({
  body: { access_token: token, token_type: "Bearer", expires_in: lifetime },
});

test("concurrent calls share one token, which the client's credentials earn", async () => {
  const forms: string[] = [];
  const seen: (string | null)[] = [];
  const baseUrl = await fakeFlorin({
    token(form) {
      forms.push(form.toString());
      return grant(`t${forms.length}`);
    },
    ledger: {
      readStats(_, context) {
        seen.push(bearer(context));
        return {};
      },
    },
  });
  const { ledger } = createFlorin({ ...client, baseUrl: `${baseUrl}/` });
  await Promise.all(Array.from({ length: 10 }, () => ledger.readStats({ ledger: "main" })));
  expect(forms).toEqual(["grant_type=client_credentials&client_id=shop&client_secret=s3cret"]);
  expect(seen).toEqual(Array(10).fill("t1"));
});

test.each([
  { lifetime: 3600, marginMs: 60_000 },
  { lifetime: 10, marginMs: 1_000 },
])("a token of $lifetime s is renewed $marginMs ms before its end", async (life) => {
  let fetched = 0;
  const url = await fakeFlorin({ token: () => grant(`t${++fetched}`, life.lifetime) });
  let now = 0;
  const credentials = { tokenUrl: `${url}/api/auth/oauth/token`, clientId: "a", clientSecret: "b" };
  const tokens = clientCredentialsTokens(credentials, () => now);
  expect(await tokens.current()).toBe("t1");
  now = life.lifetime * 1000 - life.marginMs - 1;
  expect(await tokens.current()).toBe("t1");
  now += 1;
  expect(await tokens.current()).toBe("t2");
});

test("a refused call is repeated once, with a new token", async () => {
  let fetched = 0;
  const seen: (string | null)[] = [];
  const baseUrl = await fakeFlorin({
    token: () => grant(`t${++fetched}`),
    ledger: {
      readStats(_, context) {
        seen.push(bearer(context));
        if (seen.length === 1) throw new ConnectError("revoked", Code.Unauthenticated);
        return { data: { transactions: 7n } };
      },
    },
  });
  const { ledger } = createFlorin({ ...client, baseUrl });
  expect((await ledger.readStats({ ledger: "main" })).data?.transactions).toBe(7n);
  expect(seen).toEqual(["t1", "t2"]);
});

test("a call that is refused twice fails", async () => {
  let fetched = 0;
  let calls = 0;
  const baseUrl = await fakeFlorin({
    token: () => grant(`t${++fetched}`),
    ledger: {
      readStats() {
        calls += 1;
        throw new ConnectError("revoked", Code.Unauthenticated);
      },
    },
  });
  const { ledger } = createFlorin({ ...client, baseUrl });
  await expect(ledger.readStats({ ledger: "main" })).rejects.toMatchObject({
    name: "FlorinError",
    code: Code.Unauthenticated,
    message: "revoked",
  });
  expect(calls).toBe(2);
});

test("a refused stream fails, and the next one has another token", async () => {
  let fetched = 0;
  const baseUrl = await fakeFlorin({
    token: () => grant(`t${++fetched}`),
    ledger: {
      async *verifyLedger(_, context) {
        if (bearer(context) === "t1") throw new ConnectError("revoked", Code.Unauthenticated);
        yield { event: { case: "progress", value: { checked: 3n } } };
      },
    },
  });
  const { ledger } = createFlorin({ ...client, baseUrl });
  const verify = async () => {
    const events: unknown[] = [];
    for await (const { event } of ledger.verifyLedger({ ledger: "main" })) events.push(event.value);
    return events;
  };
  await expect(verify()).rejects.toMatchObject({ code: Code.Unauthenticated });
  expect(await verify()).toMatchObject([{ checked: 3n }]);
});

test("a token endpoint that refuses, fails or cannot be reached is told apart, and asked again", async () => {
  const answers = [
    { status: 401, body: { error: "invalid_client", error_description: "wrong secret" } },
    { status: 503, body: null },
    { body: {} },
    grant("t"),
  ];
  const baseUrl = await fakeFlorin({
    token: () => answers.shift() ?? grant("t"),
    ledger: { readStats: () => ({}) },
  });
  const { ledger } = createFlorin({ ...client, baseUrl, maxRetries: 0 });
  const read = () => ledger.readStats({ ledger: "main" });
  await expect(read()).rejects.toMatchObject({
    code: Code.Unauthenticated,
    message: "no token: invalid_client: wrong secret",
  });
  await expect(read()).rejects.toMatchObject({ code: Code.Unavailable });
  await expect(read()).rejects.toMatchObject({ code: Code.Internal });
  await expect(read()).resolves.toBeDefined();

  const nowhere = createFlorin({ ...client, baseUrl: "http://127.0.0.1:1", maxRetries: 0 });
  const failure = await nowhere.ledger.readStats({ ledger: "main" }).catch((error) => error);
  expect(failure).toBeInstanceOf(FlorinError);
  expect(failure.code).toBe(Code.Unavailable);

  const encrypted = baseUrl.replace("http", "https");
  const mistaken = createFlorin({ ...client, baseUrl: encrypted, maxRetries: 0 });
  await expect(mistaken.ledger.readStats({ ledger: "main" })).rejects.toThrow(
    `no token: cannot reach ${encrypted}/api/auth/oauth/token: ERR_SSL`,
  );
});

test("a token endpoint that is busy is asked again, when it wants to be", async () => {
  const delays: number[] = [];
  const answers = [{ status: 429, body: {}, headers: { "Retry-After": "1" } }, grant("t")];
  const baseUrl = await fakeFlorin({
    token: () => answers.shift() ?? expect.unreachable(),
    ledger: { readStats: () => ({}) },
  });
  const onRetry = ({ delayMs }: { delayMs: number }) => delays.push(delayMs);
  const { ledger } = createFlorin({ ...client, baseUrl, onRetry });
  await expect(ledger.readStats({ ledger: "main" })).resolves.toBeDefined();
  expect(delays).toHaveLength(1);
  expect(delays[0]).toBeGreaterThanOrEqual(1_000);
});

test("a deadline holds while the token is awaited", async () => {
  const baseUrl = await fakeFlorin({ token: () => new Promise(() => {}) });
  const { ledger } = createFlorin({ ...client, baseUrl });
  const call = ledger.readStats({ ledger: "main" }, { timeoutMs: 50 });
  await expect(call).rejects.toMatchObject({ name: "FlorinError", code: Code.DeadlineExceeded });
});

test("the caller's own tokens are asked for at every call; without one the call goes bare", async () => {
  const seen: (string | null)[] = [];
  const baseUrl = await fakeFlorin({
    ledger: {
      readStats(_, context) {
        seen.push(bearer(context));
        if (bearer(context) === "old") throw new ConnectError("expired", Code.Unauthenticated);
        return {};
      },
    },
  });
  const tokens = [null, "old", "new", "old", "old"];
  const getToken = () => tokens.shift() ?? null;
  const { ledger } = createFlorin({ baseUrl, getToken, transport: "connect" });
  await ledger.readStats({ ledger: "main" });
  await ledger.readStats({ ledger: "main" });
  await expect(ledger.readStats({ ledger: "main" })).rejects.toThrow("expired");
  expect(seen).toEqual([null, "old", "new", "old"]);
});

test("a call that was cancelled before it began does not wait for a token", async () => {
  const baseUrl = await fakeFlorin({});
  const getToken = () => new Promise<string>(() => {});
  const { ledger } = createFlorin({ baseUrl, getToken, transport: "connect", timeoutMs: 0 });
  const read = ledger.readStats({ ledger: "main" }, { signal: AbortSignal.abort() });
  await expect(read).rejects.toMatchObject({ name: "FlorinError", code: Code.Canceled });
});

test("a token that is lost on its way is asked for again; a page in its place is not", async () => {
  let asked = 0;
  const baseUrl = await listen((_, response) => {
    asked += 1;
    if (asked === 1) {
      response.writeHead(200, { "Content-Length": "500" });
      response.write('{"access_token":', () => response.destroy());
    } else {
      response.end("<html>Welcome</html>");
    }
  });
  const { ledger } = createFlorin({ ...client, baseUrl });
  await expect(ledger.readStats({ ledger: "main" })).rejects.toMatchObject({
    code: Code.Internal,
    message: `no token: ${baseUrl}/api/auth/oauth/token answers without one`,
  });
  expect(asked).toBe(2);
});

test("an address without a token endpoint is named", async () => {
  const baseUrl = await listen((_, response) => response.writeHead(404).end("Not found"));
  const { ledger } = createFlorin({ ...client, baseUrl });
  await expect(ledger.readStats({ ledger: "main" })).rejects.toThrow(
    `no token: HTTP 404 from ${baseUrl}/api/auth/oauth/token`,
  );
});

test.each([
  { error: new Error("logged out"), code: Code.Unauthenticated, asked: 1 },
  { error: new TypeError("fetch failed"), code: Code.Unavailable, asked: 2 },
])("getToken that fails with $error says so, and is asked $asked times", async (failing) => {
  const getToken = vi.fn(async () => {
    throw failing.error;
  });
  const options = { baseUrl: await fakeFlorin({}), getToken, maxRetries: 1 };
  const { ledger } = createFlorin({ ...options, transport: "connect" });
  const failure = await ledger.readStats({ ledger: "main" }).catch((error) => error);
  expect(failure).toBeInstanceOf(FlorinError);
  expect(failure).toMatchObject({
    code: failing.code,
    message: `no token: ${failing.error.message}`,
    cause: { cause: failing.error },
  });
  expect(getToken).toHaveBeenCalledTimes(failing.asked);
});
