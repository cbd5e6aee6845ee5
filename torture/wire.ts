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
  /** Calls `strike` once, at the worst moment: what the next batch writes is written, and not committed yet. */
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
/** How it is told to commit. */
const COMMIT = Buffer.from("commit\0");
/** For that long it is not told to commit: longer than it takes to write what it was told to before. */
const HELD_MS = 20;

/** What is to go on of some bytes, and whether the connection breaks after it. */
interface Passage {
  readonly passed: Buffer;
  readonly breaks: boolean;
}

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
    pump(client, upstream, holdCommit).catch(end);
    pump(upstream, client, filterAnswer).catch(end);
  });

  async function pump(
    from: Socket,
    to: Socket,
    filter: (bytes: Buffer, to: Socket) => Passage | Promise<Passage>,
  ): Promise<void> {
    for await (const bytes of from) {
      if (delayMs > 0) await sleep(delayMs);
      await thawed;
      const { passed, breaks } = await filter(bytes, to);
      if (!to.write(passed)) await Promise.race([once(to, "drain"), once(to, "close")]);
      if (breaks) return to.destroySoon();
    }
    to.end();
  }

  async function holdCommit(bytes: Buffer, to: Socket): Promise<Passage> {
    const commit = strike === null ? -1 : bytes.indexOf(COMMIT);
    if (commit < 0) return { passed: bytes, breaks: false };
    const act = strike;
    strike = null;
    to.write(bytes.subarray(0, commit));
    await sleep(HELD_MS);
    act?.();
    return { passed: bytes.subarray(commit), breaks: false };
  }

  function filterAnswer(bytes: Buffer): Passage {
    if (commitsToLose > 0 && bytes.includes(COMMITTED)) {
      commitsToLose--;
      return { passed: Buffer.alloc(0), breaks: true };
    }
    bytesToCut -= bytes.length;
    if (bytesToCut > 0) return { passed: bytes, breaks: false };
    const passed = bytes.subarray(0, bytes.length + bytesToCut);
    bytesToCut = Infinity;
    return { passed, breaks: true };
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
