import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The only way from one server to PostgreSQL, and it is at our mercy. */
export interface Wire {
  readonly port: number;
  /** Breaks all connections; new ones are as good as ever. */
  cut(): void;
  /** Breaks all connections, and new ones at once. */
  unplug(): void;
  plug(): void;
  /** Breaks the connection that brings the server this many more bytes, within that answer. */
  cutAfter(bytes: number): void;
  /** The next commit happens, and the connection breaks in place of its answer. */
  loseCommit(): void;
  /** Calls `strike` once, at the worst moment: what the next batch writes is written, and its commit is under way. */
  atCommit(strike: () => void): void;
  /** Bytes take that much longer, both ways. */
  delay(ms: number): void;
  /** Connections stand, new ones too, and nothing passes. */
  freeze(): void;
  thaw(): void;
  /** From now on, all is as good as ever. */
  heal(): void;
  close(): void;
}

/** How PostgreSQL says that a transaction is committed. */
const COMMITTED = Buffer.from("COMMIT\0");
/** How it says that rows are written, and that their transaction goes on. */
const WRITTEN = [Buffer.from("INSERT 0 "), Buffer.from("Z\0\0\0\x05T")];

/** Listens on a port of loopback, and leads to the socket at `path`. */
export async function startWire(path: string): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isUnplugged = false;
  let delayMs = 0;
  let bytesToCut = Infinity;
  let commitsToLose = 0;
  let strike: (() => void) | null = null;
  let thawed: Promise<void> = Promise.resolve();
  let thaw = () => {};

  const server = createServer({ noDelay: true }, (client) => {
    if (isUnplugged) return void client.destroy();
    const upstream = connect(path);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    pump(client, upstream, (bytes) => bytes).catch(end);
    pump(upstream, client, filterAnswer).catch(end);
  });

  async function pump(
    from: Socket,
    to: Socket,
    filter: (bytes: Buffer) => Buffer | null,
  ): Promise<void> {
    for await (const bytes of from) {
      if (delayMs > 0) await sleep(delayMs);
      await thawed;
      const passed = filter(bytes);
      // Both ends close with the one that is read no more.
      if (passed === null) return;
      if (!to.write(passed)) await Promise.race([once(to, "drain"), once(to, "close")]);
      if (passed.length < bytes.length) return to.destroySoon();
    }
    to.end();
  }

  /** What passes of an answer. If it is not all of it, the connection breaks after it; null: nothing passes. */
  function filterAnswer(bytes: Buffer): Buffer | null {
    const isWritten = strike !== null && WRITTEN.every((sign) => bytes.includes(sign));
    if (isWritten && !bytes.includes(COMMITTED)) {
      strike?.();
      strike = null;
    }
    if (commitsToLose > 0 && bytes.includes(COMMITTED)) {
      commitsToLose--;
      return null;
    }
    bytesToCut -= bytes.length;
    if (bytesToCut > 0) return bytes;
    const passed = bytes.subarray(0, bytes.length + bytesToCut);
    bytesToCut = Infinity;
    return passed.length === 0 || passed.length === bytes.length ? null : passed;
  }

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut,
    unplug() {
      isUnplugged = true;
      cut();
    },
    plug() {
      isUnplugged = false;
    },
    cutAfter(bytes) {
      bytesToCut = bytes;
    },
    loseCommit() {
      commitsToLose = 1;
    },
    atCommit(act) {
      strike = act;
    },
    delay(ms) {
      delayMs = ms;
    },
    freeze() {
      thawed = new Promise((resolve) => {
        thaw = resolve;
      });
    },
    thaw: () => thaw(),
    heal() {
      isUnplugged = false;
      delayMs = 0;
      bytesToCut = Infinity;
      commitsToLose = 0;
      strike = null;
      thaw();
    },
    close() {
      thaw();
      cut();
      server.close();
    },
  };
}
