import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startWire, type Wire } from "../../torture/wire.js";

/** A server that answers each request with `answer`, behind a wire; what it was asked is in `asked`. */
async function serve(answer: string): Promise<{ wire: Wire; asked: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "florin-wire-"));
  const path = join(folder, "socket");
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      asked.push(bytes.toString());
      socket.write(answer);
    });
  }).listen(path);
  await once(server, "listening");
  const wire = await startWire(path);
  onTestFinished(async () => {
    wire.close();
    server.close();
    await rm(folder, { recursive: true });
  });
  return { wire, asked };
}

interface Caller {
  readonly socket: Socket;
  /** All that has come. */
  heard(): string;
  readonly closed: Promise<unknown>;
}

function call({ port }: Wire, request: string): Caller {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes;
  });
  socket.on("error", () => {});
  socket.write(request);
  return { socket, heard: () => heard, closed: once(socket, "close") };
}

test("a wire that nothing is wrong with passes all", async () => {
  const { wire, asked } = await serve("answer");
  const caller = call(wire, "request");
  await expect.poll(caller.heard).toBe("answer");
  expect(asked).toEqual(["request"]);
});

test("a commit that is to be lost happens, and the connection breaks in place of its answer", async () => {
  const { wire, asked } = await serve("COMMIT\0");
  wire.loseCommit();
  const first = call(wire, "commit");
  await first.closed;
  expect(first.heard()).toBe("");
  expect(asked).toEqual(["commit"]);
  await expect.poll(call(wire, "commit").heard).toBe("COMMIT\0");
});

test("who waits for a commit is called once, when all before it has arrived, and it has not", async () => {
  const { wire, asked } = await serve("answer");
  const commit = "commit\0";
  const calls: string[] = [];
  wire.atCommit(() => calls.push(asked.join("")));
  await expect.poll(call(wire, "save").heard).toBe("answer");
  expect(calls).toEqual([]);
  call(wire, `save${commit}`);
  await expect.poll(() => asked).toEqual(["save", "save", commit]);
  expect(calls).toEqual(["savesave"]);
  call(wire, commit);
  await expect.poll(() => asked.length).toBe(4);
  expect(calls).toHaveLength(1);
});

test("an answer is cut where it is to be cut, and the next one is whole", async () => {
  const { wire } = await serve("0123456789");
  wire.cutAfter(4);
  const first = call(wire, "request");
  await first.closed;
  expect(first.heard()).toBe("0123");
  await expect.poll(call(wire, "request").heard).toBe("0123456789");
});

test("a frozen wire takes connections and passes nothing, until it thaws", async () => {
  const { wire, asked } = await serve("answer");
  wire.freeze();
  const caller = call(wire, "request");
  await once(caller.socket, "connect");
  const other = await serve("answer");
  // By then, the request would have been there.
  await expect.poll(call(other.wire, "request").heard).toBe("answer");
  expect(asked).toEqual([]);
  wire.thaw();
  await expect.poll(caller.heard).toBe("answer");
});

test("an unplugged wire breaks old connections and new ones, until it is plugged in", async () => {
  const { wire, asked } = await serve("answer");
  const old = call(wire, "old");
  await expect.poll(old.heard).toBe("answer");
  wire.unplug();
  await Promise.all([old.closed, call(wire, "new").closed]);
  expect(asked).toEqual(["old"]);
  wire.plug();
  await expect.poll(call(wire, "newer").heard).toBe("answer");
});

test("healing undoes whatever is wrong", async () => {
  const { wire } = await serve("COMMIT\0");
  wire.delay(60_000);
  wire.cutAfter(1);
  wire.loseCommit();
  wire.freeze();
  wire.unplug();
  wire.heal();
  await expect.poll(call(wire, "commit").heard).toBe("COMMIT\0");
});
