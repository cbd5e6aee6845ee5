import { type EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  createListener,
  type Listener,
  type ListenerOptions,
} from "../../src/server/listener/createListener.js";
import { keptLogger } from "./evidence.js";

export const silentLogger = keptLogger();

/** A listener on a free port, closed when the test ends. */
export async function startListener(
  options: Pick<ListenerOptions, "handler"> & Partial<ListenerOptions>,
): Promise<Listener> {
  const listener = await createListener({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    drain: new AbortController(),
    logger: silentLogger,
    ...options,
  });
  onTestFinished(() => listener.close(0));
  return listener;
}

/** A bare TCP connection to `port`, and what it has received so far. */
export async function dial(
  port: number,
  { allowHalfOpen = false } = {},
): Promise<{ socket: Socket; received: () => string }> {
  // Half open: it goes on when the server has said all, as clients do that are busy sending.
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen });
  await once(socket, "connect");
  socket.setNoDelay(true);
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  onTestFinished(() => void socket.destroy());
  return { socket, received: () => text };
}

/** Once `emitter` is closed, whether or not in good order. */
export const closed = (emitter: EventEmitter): Promise<unknown> =>
  new Promise((resolve) => emitter.once("close", resolve));
