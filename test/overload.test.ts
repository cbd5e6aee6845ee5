import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import type { Db } from "../src/db/database.js";
import { startTestApp, type TestApp } from "./support/app.js";
import { callRpc, rpcWires } from "./support/rpcs.js";

const PAYMENT = JSON.stringify({
  postings: [{ source: "world", destination: "a", asset: "EUR/2", amount: 1 }],
});

/** Requests to `app` as its first client makes them. */
async function caller({ url, token }: TestApp) {
  const authorization = `Bearer ${await token()}`;
  const call = (path: string, body?: string) =>
    fetch(url + path, {
      headers: { authorization, "content-type": "application/json" },
      ...(body !== undefined && { method: "POST", body }),
    });
  const pay = (ledger: string) => call(`/api/ledger/${ledger}/transactions`, PAYMENT);
  return { call, pay };
}

/** Locks what `lock` locks, until it is let go, at the latest when the test ends. */
async function hold(db: Db, lock: (trx: Db) => Promise<unknown>): Promise<() => Promise<void>> {
  const trx = await db.transaction();
  const letGo = async () => {
    if (!trx.isCompleted()) await trx.rollback();
  };
  onTestFinished(letGo);
  await lock(trx);
  return letGo;
}

const holdLedger = (db: Db, ...names: string[]) =>
  hold(db, (trx) => trx("ledgers").whereIn("name", names).forUpdate().select("id"));

/** Starts writes to `ledger` until one is refused. Answers the refusal, and what all of them will be answered. */
async function flood(pay: (ledger: string) => Promise<Response>, ledger: string) {
  const answers: Promise<Response>[] = [];
  let refusal: Response | undefined;
  await expect
    .poll(
      () => {
        const answer = pay(ledger);
        answers.push(answer);
        void answer.then((response) => {
          if (response.status === 503) refusal ??= response;
        });
        return refusal;
      },
      { timeout: 8_000, interval: 100 },
    )
    .toBeDefined();
  return { refusal: refusal as unknown as Response, answers };
}

test("who would wait too long is refused and told when to come again; all else goes on", async () => {
  const app = await startTestApp();
  const { call, pay } = await caller(app);
  for (const ledger of ["main", "other"]) expect((await pay(ledger)).status).toBe(200);
  const letGo = await holdLedger(app.db, "main");

  const { refusal, answers } = await flood(pay, "main");
  expect(refusal.headers.get("retry-after")).toBe("1");
  expect(await refusal.json()).toMatchObject({
    errorCode: "INTERNAL",
    errorMessage: "too many writes wait for this ledger: try again later",
  });
  expect((await pay("other")).status).toBe(200);
  expect((await call("/api/ledger/main/transactions")).status).toBe(200);
  expect((await call("/api/ledger/_healthcheck")).status).toBe(200);
  expect((await call("/metrics")).status).toBe(200);

  await letGo();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect((await pay("main")).status).toBe(200);
  const { cursor } = (await (await call("/api/ledger/main/transactions?pageSize=1000")).json()) as {
    cursor: { data: unknown[] };
  };
  expect(cursor.data).toHaveLength(1 + statuses.filter((it) => it === 200).length + 1);
});

test("who comes when there is no room is served as soon as there is some", async () => {
  const app = await startTestApp();
  const { pay } = await caller(app);
  await pay("main");
  const letGo = await holdLedger(app.db, "main");
  await flood(pay, "main");
  const late = pay("main");
  await letGo();
  expect((await late).status).toBe(200);
});

test("a write that there is no room for is refused before its caller is known and its body is read", async () => {
  const app = await startTestApp();
  const { pay } = await caller(app);
  await pay("main");
  await holdLedger(app.db, "main");
  await flood(pay, "main");

  const socket = connect(app.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(
    "POST /api/ledger/main/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n",
  );
  expect(await firstLine(socket)).toBe("HTTP/1.1 503 Service Unavailable");
});

const firstLine = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.once("data", (bytes) => resolve(bytes.toString().split("\r\n")[0] ?? ""));
  });

test.each([
  ["gRPC", createGrpcTransport],
  ["Connect", createConnectTransport],
] as const)(
  "over %s a refusal comes before all else, and says when to come again",
  async (_, createTransport) => {
    const app = await startTestApp();
    const { pay } = await caller(app);
    await pay("main");
    await holdLedger(app.db, "main");
    await flood(pay, "main");

    const transport = createTransport({ baseUrl: app.url, httpVersion: "2" });
    const client = createClient(LedgerService, transport);
    const posting = { source: "world", destination: "a", asset: "EUR/2", amount: "1" };
    const refused = await client
      .createTransaction({ ledger: "main", transaction: { postings: [posting] } })
      .catch((error: unknown) => ConnectError.from(error));
    if (!(refused instanceof ConnectError)) throw new Error("it was not refused");
    expect(refused.code).toBe(Code.ResourceExhausted);
    expect(refused.metadata.get("retry-after")).toBe("1");
    expect(refused.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n } }]);
  },
);

test("over gRPC, a deadline that ends while there is no room is told as such", async () => {
  const app = await startTestApp();
  const { pay } = await caller(app);
  await pay("main");
  await holdLedger(app.db, "main");
  await flood(pay, "main");

  const client = createClient(
    LedgerService,
    createGrpcTransport({ baseUrl: app.url, interceptors: [shortDeadline] }),
  );
  const refused = await client
    .createTransaction({ ledger: "main", transaction: {} })
    .catch((error: unknown) => ConnectError.from(error));
  expect(refused).toMatchObject({ code: Code.DeadlineExceeded });
});

/** For the server alone: a client that had a deadline itself would end the call before it is told anything. */
const shortDeadline: Interceptor = (next) => (request) => {
  request.header.set("grpc-timeout", "300m");
  return next(request);
};

test("requests that never come to their end keep nobody else out", async () => {
  const app = await startTestApp();
  const { call } = await caller(app);
  for (let n = 0; n < 5; n++) {
    const session = connectHttp2(app.url);
    onTestFinished(() => session.destroy());
    for (let m = 0; m < 250; m++) {
      const stream = session.request({ ":method": "POST", ":path": "/api/auth/clients" });
      stream.on("error", () => {}).resume();
      stream.write(" ");
    }
    await once(session, "connect");
    // It is answered after they have come.
    await new Promise<void>((resolve) => session.ping(() => resolve()));
  }
  expect((await call("/api/ledger/main/transactions")).status).toBe(200);
});

test("of requests that never come to their end, no more is kept than there is room for", async () => {
  const app = await startTestApp();
  const session = connectHttp2(app.url);
  onTestFinished(() => session.destroy());
  const rpc = "/florin.ledger.v1.LedgerService/GetAccount";
  const kinds = [
    ["/api/ledger/main/transactions", "application/json"],
    [rpc, "application/proto"],
    [rpc, "application/grpc"],
  ];
  // For gRPC, the first of it says that there are 4 MB to come.
  const most = Buffer.alloc(3_900_000);
  most.writeUInt32BE(4_000_000, 1);
  const answered = new Set<number>();
  for (let n = 0; n < 75; n++) {
    const [path, type] = kinds[n % 3] ?? [];
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": type });
    stream.on("error", () => {}).resume();
    stream.once("response", () => answered.add(n));
    await new Promise((resolve) => stream.write(most, resolve));
  }
  // 292 MB were sent, of which 268 may be kept: what began first has gone, of each kind.
  await expect.poll(() => [0, 1, 2].every((n) => answered.has(n))).toBe(true);
  expect(Math.max(...answered)).toBeLessThan(15);
});

test("where nobody has to say who calls, a request is short, on every protocol", async () => {
  const { url } = await startTestApp();
  const { serverReflectionInfo } = ServerReflection.method;
  for (const [name, wire] of Object.entries(rpcWires(url))) {
    for (const [length, outcome] of [
      [1_000, /^(ok|not_found)/],
      [20_000, /^resource_exhausted/],
    ] as const) {
      const text = "x".repeat(length);
      const messageRequest = { case: "fileByFilename", value: text };
      const asked = await callRpc(wire, serverReflectionInfo, { request: { messageRequest } });
      expect(asked, name).toMatch(outcome);
      const checked = await callRpc(wire, Health.method.check, { request: { service: text } });
      expect(checked, name).toMatch(outcome);
    }
  }
});

test("over gRPC, a message that cannot be read is nothing to tell to who may not call", async () => {
  const app = await startTestApp();
  const session = connectHttp2(app.url);
  onTestFinished(() => session.destroy());
  for (const name of ["CreateTransaction", "GetAccount"]) {
    const stream = session.request({
      ":method": "POST",
      ":path": `/florin.ledger.v1.LedgerService/${name}`,
      "content-type": "application/grpc",
    });
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x0a, 0xff]));
    const trailers = once(stream.resume(), "trailers");
    expect((await trailers)[0]["grpc-status"]).toBe(String(Code.Unauthenticated));
  }
});

test("reads that hold all their connections keep nobody from writing, nor health from being told", async () => {
  const app = await startTestApp({ DATABASE_POOL_SIZE: "4" });
  const { call, pay } = await caller(app);
  await pay("main");
  const letGo = await hold(app.db, (trx) =>
    trx.raw("lock table payments in access exclusive mode"),
  );

  const reads = Array.from({ length: 10 }, () => call("/api/payments/payments"));
  await expect
    .poll(async () => {
      const { rows } = await app.db.raw(
        "/* test */ select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length;
    })
    .toBe(2);
  expect((await pay("main")).status).toBe(200);
  expect((await pay("new")).status).toBe(200);
  expect((await call("/api/payments/_healthcheck")).status).toBe(200);

  await letGo();
  expect((await Promise.all(reads)).every(({ status }) => status === 200)).toBe(true);
});

test("ledgers that are held for long do not keep the others' connections", async () => {
  const app = await startTestApp({ DATABASE_POOL_SIZE: "4" });
  const { pay } = await caller(app);
  for (const ledger of ["held", "held-too", "other"]) await pay(ledger);
  const letGo = await holdLedger(app.db, "held", "held-too");
  const held = [pay("held"), pay("held-too")];
  // They have the two connections that writes have.
  await expect
    .poll(async () => {
      const { rows } = await app.db.raw(
        "/* test */ select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length;
    })
    .toBe(2);
  expect((await pay("other")).status).toBe(200);
  await letGo();
  for (const each of held) expect((await each).status).toBe(200);
});

test("with as few connections as there may be, all else goes on during an import", async () => {
  const app = await startTestApp({ DATABASE_POOL_SIZE: "4" });
  const { call, pay } = await caller(app);
  await pay("main");
  const transport = createGrpcTransport({ baseUrl: app.url });
  const authorization = `Bearer ${await app.token()}`;
  const options = { headers: { authorization } };
  const ledger = createClient(LedgerService, transport);
  const { cursor } = await ledger.listLogs({ ledger: "main" }, options);
  const [log] = cursor?.data ?? [];
  const absence = new AbortController();
  async function* unending() {
    yield { ledger: "copy", ...(log && { log }) };
    await once(absence.signal, "abort");
  }
  const imported = ledger.importLogs(unending(), { ...options, signal: absence.signal });
  imported.catch(() => {});
  await expect
    .poll(() => app.db("ledgers").where({ name: "copy" }).select("id"))
    .toMatchObject([{ id: expect.anything() }]);

  // It would keep the connection that is left.
  const refused = await call("/api/ledger/main/verify");
  expect(await refused.text()).toContain("too many imports and verifications are under way");
  expect((await pay("main")).status).toBe(200);
  const reads = [
    "ledger/main/transactions",
    "ledger/main/accounts?address=a.*",
    "payments/payments",
    "auth/clients",
    "ledger/_healthcheck",
  ];
  const answers = await Promise.all(reads.map((path) => call(`/api/${path}`)));
  expect(answers.map(({ status }) => status)).toEqual(reads.map(() => 200));

  absence.abort();
  await expect(imported).rejects.toMatchObject({ code: Code.Canceled });
  await expect
    .poll(async () => (await call("/api/ledger/main/verify")).text())
    .toContain('"checked":2');
});
