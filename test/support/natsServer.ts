import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { type ConnectionOptions, connect } from "@nats-io/transport-node";
import { onTestFinished } from "vitest";
import { untilStopped } from "./untilStopped.js";

const program = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  .map((folder) => join(folder, "nats-server"))
  .find((path) => existsSync(path));

/** Whether this machine has a NATS server to test with. */
export const hasNatsServer = program !== undefined;

/** A stored message, as a consumer sees it. */
export interface Stored {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
}

/** A NATS server with JetStream, in a process and a folder of its own. */
export interface NatsServer {
  /** "127.0.0.1:<port>", the same after a restart. */
  readonly host: string;
  /** Sends `signal` and waits until it has had its effect. */
  signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Starts it again, with its old data; `config` takes the place of the first one. */
  start(config?: string): Promise<void>;
  /** Everything that `stream` holds, in its order. */
  stored(stream: string, login?: ConnectionOptions): Promise<Stored[]>;
}

/** Starts a server with `config` added to its configuration file. It ends with the test. */
export async function startNats(config = ""): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "florin-nats-"));
  let port = -1;
  let child: ChildProcess | null = null;

  async function start(added = config): Promise<void> {
    const file = join(folder, "nats.conf");
    const store = JSON.stringify(join(folder, "data"));
    await writeFile(
      file,
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${store} }\n${added}\n`,
    );
    const started = spawn(program ?? "", ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      started.stderr.on("data", (data) => {
        log += data;
        const listening = /client connections on 127\.0\.0\.1:(\d+)/.exec(log);
        if (listening !== null) port = Number(listening[1]);
        if (/Server is ready/.test(log)) resolve();
      });
      started.once("close", () => reject(new Error(`nats-server ended:\n${log}`)));
    });
  }

  async function signal(name: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(name);
    if (name === "SIGSTOP") await untilStopped(child.pid ?? 0);
    if (name === "SIGKILL" || name === "SIGTERM") await closed;
  }

  onTestFinished(async () => {
    await signal("SIGKILL");
    await rm(folder, { recursive: true });
  });
  await start();

  return {
    host: `127.0.0.1:${port}`,
    signal,
    start,
    async stored(stream, login = {}) {
      const nats = await connect({ servers: `127.0.0.1:${port}`, ...login });
      try {
        const manager = await jetstreamManager(nats);
        const { first_seq, last_seq } = (await manager.streams.info(stream)).state;
        const messages: Stored[] = [];
        for (let seq = first_seq; seq <= last_seq; seq++) {
          const message = await manager.streams.getMessage(stream, { seq });
          if (message === null) continue;
          messages.push({
            id: message.header.get("Nats-Msg-Id"),
            subject: message.subject,
            body: message.string(),
          });
        }
        return messages;
      } finally {
        await nats.close();
      }
    },
  };
}
