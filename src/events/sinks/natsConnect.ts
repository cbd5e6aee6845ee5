import { createConnection } from "node:net";
import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";
import { version } from "../../version.js";

/**
 * A connection to whichever of `urls` ("nats://host", "tls://user:password@host:4222", "nats://token@host",
 * "host:4222") is ready first. It is never resumed after a break: the client would then send what it had queued
 * without knowing whether the messages before that had arrived.
 */
export async function connectToFirst(
  urls: readonly string[],
  timeout: number,
): Promise<NatsConnection> {
  const servers = urls.map((url) => new URL(url.includes("://") ? url : `nats://${url}`));
  const options = { ...loginOf(servers), name: `florin ${version}`, reconnect: false, timeout };
  const attempts = servers.map(async (server) =>
    connect({
      ...options,
      servers: await greeted(server, timeout),
      ...(server.protocol === "tls:" && { tls: {} }),
      pingInterval: timeout,
      noAsyncTraces: true,
    }),
  );
  const first = await Promise.any(attempts).catch(({ errors: [reason] }: AggregateError) =>
    Promise.reject(reason),
  );
  for (const attempt of attempts) {
    attempt.then((other) => (other === first ? undefined : other.close())).catch(() => {});
  }
  return first;
}

/** What the first of `servers` with a login says: a user and a password, or a token alone. */
function loginOf(servers: readonly URL[]): ConnectionOptions {
  const { username = "", password = "" } = servers.find(({ username }) => username !== "") ?? {};
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  if (user === "") return {};
  return pass === "" ? { token: user } : { user, pass };
}

/** Host and port of `server`, once it greets. Of a silent one the client itself would leave the socket open for ever. */
async function greeted({ hostname, port }: URL, timeout: number): Promise<string> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = createConnection({ host, port: Number(port || 4222) });
  socket.setTimeout(timeout, () => {
    socket.destroy(new Error(`${hostname} says nothing within ${timeout} ms`));
  });
  // A NATS server speaks first, also where TLS follows. Leaving the loop closes the socket.
  for await (const _greeting of socket) return `${hostname}:${port || 4222}`;
  throw new Error(`${hostname} closed the connection`);
}
