import dns from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { atWorkFinder } from "../src/db/findAtWork.js";

const suspect = { pid: 1, since: "1", isSilent: async () => true };

test("sessions are not taken for dead because the name of their server is not found", async () => {
  // Longer than a part of a name may be: no name server is asked.
  const find = atWorkFinder(`postgresql://florin@${"a".repeat(64)}.invalid/florin`, 10_000);
  expect(await find(suspect)).toBe(true);
});

test("nor because nobody answers where it is", async () => {
  const lookup = vi.spyOn(dns, "lookup").mockImplementation((() => {}) as never);
  onTestFinished(() => lookup.mockRestore());
  expect(await atWorkFinder("postgresql://florin@database/florin", 100)(suspect)).toBe(true);
  expect(lookup).toHaveBeenCalledOnce();
});

test("sessions of a server that says nothing are dead, by its name or by its address", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  const connections: Socket[] = [];
  server.on("connection", (connection) => connections.push(connection));
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const host of ["localhost", "127.0.0.1"]) {
    const url = `postgresql://florin@${host}:${port}/florin`;
    expect(await atWorkFinder(url, 100)(suspect), host).toBe(false);
  }
  expect(connections).toHaveLength(2);
  for (const connection of connections) connection.destroy();
});

test("sessions of a server that takes no connections are dead", async () => {
  expect(await atWorkFinder("postgresql://florin@127.0.0.1:1/florin", 10_000)(suspect)).toBe(false);
});
