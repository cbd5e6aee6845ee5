import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { onTestFinished } from "vitest";

/** Has `server` listen until the test is over; answers where: "127.0.0.1:<port>". */
export async function onLoopback(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    (server as Partial<HttpServer>).closeAllConnections?.();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
