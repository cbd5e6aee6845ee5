import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What becomes of the bytes that bring the next commit. */
export type Fate =
  /** They arrive and the commit happens, but its answer does not come back. */
  | "answer lost"
  /** They arrive and the commit happens, and from then on nothing comes through, though nobody hangs up. */
  | "silence"
  /** They never arrive. */
  | "request lost"
  /** The connection breaks at once; they arrive later, when somebody already asks for the ledger's head again. */
  | "late"
  /** The server is gone from then on. */
  | "server gone";

export interface DatabaseProxy {
  /** The database behind a socket that is at our mercy. */
  readonly url: string;
  /** Strikes the next commit, or the next ones. */
  strike(fate: Fate, times?: number): void;
  /** Breaks all connections, and takes no more. */
  cut(): void;
  /** Lets the server end transactions that nothing happens in after a second, for sessions that begin from now on. */
  hurry(): void;
  /** Lets nothing more through on the connections that there are, and breaks none; new ones are as good as ever. */
  silence(): void;
  /** Takes new connections, and lets nothing through on them until it is `released`. */
  hold(): void;
  release(): void;
  /** Answers new connections that there are too many, until it is `released`. */
  refuse(): void;
  /** Brings a server back that was gone. */
  recover(): void;
  /** How many connections were made. */
  readonly made: number;
  /** How many commits were struck. */
  readonly struck: number;
}

const COMMIT = Buffer.from("commit\0");
const LOCK = Buffer.from("lock_head\0");
const PATIENCE = "idle_in_transaction_session_timeout = '60s'";
const HURRY = PATIENCE.replace("60s", " 1s");

/** What PostgreSQL says to whom it has no connection for. */
const TOO_MANY = message("E", "SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0");

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}

/** Puts a proxy in front of `url` that breaks connections at their worst moment. */
export async function databaseProxy(url: string): Promise<DatabaseProxy> {
  const folder = await mkdtemp(join(tmpdir(), "florin-proxy-"));
  const sockets = new Set<Socket>();
  let fate: Fate | null = null;
  let left = 0;
  let struck = 0;
  let isGone = false;
  let isHurried = false;
  let isRefusing = false;
  let made = 0;
  let released: Promise<void> | null = null;
  let release = () => {};
  let releaseLate = () => {};

  const server = createServer((client) => {
    if (isGone) {
      client.destroy();
      return;
    }
    made++;
    if (isRefusing) {
      client.on("error", () => {}).once("data", () => client.end(TOO_MANY));
      return;
    }
    if (released !== null) {
      client.pause();
      void released.then(() => client.resume());
    }
    const upstream = connectTo(url);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    let isAnswerLost = false;
    client.on("data", (sent) => {
      const bytes =
        isHurried && sent.includes(PATIENCE)
          ? Buffer.from(sent.toString("latin1").replace(PATIENCE, HURRY), "latin1")
          : sent;
      if (fate === null || !bytes.includes(COMMIT)) {
        upstream.write(bytes);
        if (bytes.includes(LOCK)) releaseLate();
        return;
      }
      const now = fate;
      if (--left === 0) fate = null;
      struck++;
      if (now === "answer lost") {
        isAnswerLost = true;
        upstream.write(bytes);
      } else if (now === "silence") {
        upstream.write(bytes);
        for (const socket of [client, upstream]) socket.pause();
      } else if (now === "late") {
        releaseLate = () => setTimeout(() => upstream.end(bytes), 100);
        client.destroy();
      } else {
        isGone = now === "server gone";
        for (const socket of isGone ? sockets : [client, upstream]) socket.destroy();
      }
    });
    upstream.on("data", (bytes) => {
      if (!isAnswerLost) client.write(bytes);
      else if (bytes.includes("COMMIT\0")) client.destroy();
    });
    client.on("end", () => upstream.end());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(folder, ".s.PGSQL.5432"), resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });

  return {
    url: behindSocket(url, folder),
    strike(next, times = 1) {
      fate = next;
      left = times;
    },
    cut() {
      isGone = true;
      for (const socket of sockets) socket.destroy();
    },
    silence() {
      for (const socket of sockets) socket.pause();
    },
    hold() {
      released = new Promise((resolve) => {
        release = resolve;
      });
    },
    release() {
      isRefusing = false;
      released = null;
      release();
    },
    refuse() {
      isRefusing = true;
    },
    hurry() {
      isHurried = true;
    },
    recover() {
      isGone = false;
    },
    get made() {
      return made;
    },
    get struck() {
      return struck;
    },
  };
}

/** The URL of a socket may have no host, which `URL` does not take. */
const parse = (url: string): URL => new URL(url.replace(/(@|\/\/)\//, "$1localhost/"));

function behindSocket(url: string, folder: string): string {
  const behind = parse(url);
  behind.port = "";
  behind.searchParams.set("host", folder);
  return behind.href;
}

function connectTo(url: string): Socket {
  const { hostname, port, searchParams } = parse(url);
  const folder = searchParams.get("host");
  const number = port || "5432";
  return folder ? connect(join(folder, `.s.PGSQL.${number}`)) : connect(Number(number), hostname);
}
