import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { openSource } from "../src/cli/import/source.js";

const MIB = 1024 * 1024;

/** A ledger "main" behind an API that answers everything so, of whose answers a MiB is taken. */
async function sourceThat(answers: RequestListener) {
  const server = createServer(answers).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return openSource(`http://127.0.0.1:${port}`, "main", undefined, MIB);
}

const log = (id: number, padding = "") => `{"id":${id},"padding":"${padding}"}`;
const page = (logs: string) => `{"cursor":{"data":[${logs}]}}`;

test.each(["as it is", "packed"])(
  "an answer that is too long %s is not read, and asked for once",
  async (how) => {
    let asked = 0;
    const source = await sourceThat((_, response) => {
      asked++;
      const body = Buffer.alloc(3 * MIB, " ");
      if (how === "packed") response.setHeader("content-encoding", "gzip");
      response.end(how === "packed" ? gzipSync(body) : body);
    });
    await expect(source.count()).rejects.toThrow("/main/logs?pageSize=1 answered more than 1 MiB");
    expect(asked).toBe(1);
  },
);

test("an answer of the most bytes there may be is read whole", async () => {
  const empty = page(log(6));
  const padding = "é".repeat((MIB - empty.length) / 2);
  const rest = " ".repeat(MIB - Buffer.byteLength(page(log(6, padding))));
  const source = await sourceThat((_, response) => response.end(page(log(6, padding)) + rest));
  expect(await source.count()).toBe(7n);
});
