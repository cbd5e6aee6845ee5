import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a server on loopback that can be broken. */
export interface CuttableProxy {
  readonly url: string;
  /** What the server says does not get through until connections are cut. */
  mute(): void;
  /** Breaks all connections; new ones are as good as ever. */
  cut(): void;
  /** Breaks all connections, and refuses new ones until it is opened again. */
  close(): void;
  open(): void;
  /** New connections lead to this port. */
  redirect(port: number): void;
}

export async function cuttableProxy(port: number): Promise<CuttableProxy> {
  let target = port;
  const sockets = new Set<Socket>();
  let isClosed = false;
  let isMute = false;

  const server = createServer((client) => {
    if (isClosed) {
      client.destroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    client.pipe(upstream);
    upstream.on("data", (bytes) => {
      if (!isMute) client.write(bytes);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    isMute = false;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });

  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}`,
    mute() {
      isMute = true;
    },
    cut,
    close() {
      isClosed = true;
      cut();
    },
    open() {
      isClosed = false;
    },
    redirect(next) {
      target = next;
    },
  };
}
