import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import type { HandlerContext } from "@connectrpc/connect";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { implement } from "../../src/server/createHandler.js";
import { createDoor } from "../../src/server/door.js";
import { waitOutside } from "../../src/server/interceptors/waitOutside.js";
import { startListener } from "../support/listener.js";
import { listen, restListener } from "./serveRest.js";

test("of who leaves while it waits for room nothing is left", async () => {
  const logger = pino({ level: "silent" });
  const door = createDoor({ isFull: () => false, logger, mostStreams: 1 });
  const admit = vi.spyOn(door, "admit");
  const watchLogs = vi.fn(async function* (_: unknown, { signal }: HandlerContext) {
    yield {};
    await once(signal, "abort");
  });
  const services = [implement(LedgerService, { watchLogs })];
  const server = createServer(
    restListener({}, { services, door, interceptors: [waitOutside(door)] }),
  );
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const watch = () => {
    const asked = request({ port, path: "/api/ledger/main/logs/watch", agent: false }).end();
    onTestFinished(() => void asked.destroy());
    return asked.on("error", () => {});
  };

  const first = watch();
  await once(first, "response");
  const asked = once(server, "request");
  const impatient = watch();
  const [, response] = await asked;
  expect(admit).toHaveLastReturnedWith(expect.any(Promise));
  impatient.destroy();
  await once(response, "close");
  const third = watch();
  await expect.poll(() => admit.mock.calls.length).toBe(3);
  first.destroy();
  const [answer] = await once(third, "response");
  expect(answer.statusCode).toBe(200);
  expect(watchLogs).toHaveBeenCalledTimes(2);
});

test.each([
  ["GET", {}, true],
  ["POST", { "content-length": "2" }, true],
  ["POST", { "content-length": "20000" }, false],
  ["POST", {}, false],
])("over HTTP/2, %s with %j may wait: %s", async (verb, headers, mayWait) => {
  const admit = vi.fn(() => ({ kind: "server-full" }) as const);
  const door = { admit, enter: () => () => {}, isLate: () => false };
  const services = [implement(LedgerService, {})];
  const { port } = await startListener({ handler: restListener({}, { services, door }) });
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const path = "/api/ledger/main/transactions";
  const stream = session.request({ ":method": verb, ":path": path, ...headers });
  if (verb === "POST") stream.write("{}");
  const [answer] = await once(stream, "response");
  expect(answer[":status"]).toBe(503);
  const onLeft = mayWait ? expect.any(Function) : null;
  expect(admit).toHaveBeenCalledWith(expect.anything(), "main", onLeft);
});
