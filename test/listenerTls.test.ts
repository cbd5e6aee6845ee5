import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { Agent, get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Handler } from "../src/server/handler.js";
import type { CertificateFiles } from "../src/server/listener/certificate.js";
import { closed, dial, silentLogger, startListener } from "./support/listener.js";

const fixture = (name: string) => fileURLToPath(new URL(`support/tls/${name}`, import.meta.url));
const trusted = [readFileSync(fixture("first.crt")), readFileSync(fixture("second.crt"))];

const tellVersion: Handler = (req, res) => {
  res.setHeader("x-http", req.httpVersion);
  res.end("hello");
};

/** Certificate files of its own for a test: copies of the first pair, looked at often. */
function certificateFiles(): Required<CertificateFiles> {
  const folder = mkdtempSync(join(tmpdir(), "florin-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key"), pollMs: 20 };
  installCertificate(files, "first");
  return files;
}

function installCertificate(files: CertificateFiles, name: "first" | "second"): void {
  copyFileSync(fixture(`${name}.crt`), files.certFile);
  copyFileSync(fixture(`${name}.key`), files.keyFile);
}

async function shakeHands(port: number, ALPNProtocols?: string[]): Promise<TLSSocket> {
  const socket = connectTls({
    port,
    host: "127.0.0.1",
    ca: trusted,
    ...(ALPNProtocols && { ALPNProtocols }),
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** Common name of the certificate that a new connection is shown. */
const shownName = async (port: number) => (await shakeHands(port)).getPeerCertificate().subject.CN;

test("ALPN chooses between HTTP/2 and HTTP/1.1 on one port", async () => {
  const { port } = await startListener({ handler: tellVersion, tls: certificateFiles() });
  expect((await shakeHands(port, ["h2", "http/1.1"])).alpnProtocol).toBe("h2");
  expect((await shakeHands(port, ["http/1.1"])).alpnProtocol).toBe("http/1.1");

  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: trusted });
  onTestFinished(() => session.destroy());
  const [headers] = await once(session.request({ ":path": "/" }), "response");
  expect(headers["x-http"]).toBe("2.0");

  const [response] = await once(get({ port, host: "127.0.0.1", ca: trusted }), "response");
  expect(response.headers["x-http"]).toBe("1.1");
});

test("a client without ALPN is spoken to in HTTP/1.1", async () => {
  const { port } = await startListener({ handler: tellVersion, tls: certificateFiles() });
  const socket = await shakeHands(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n");
  expect(String((await once(socket, "data"))[0])).toContain("x-http: 1.1");
});

test("a renewed certificate is shown to new connections, and old connections live on", async () => {
  const tls = certificateFiles();
  const { port } = await startListener({ handler: tellVersion, tls });
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: trusted });
  onTestFinished(() => agent.destroy());
  const ask = async () => {
    const asked = get({ port, host: "127.0.0.1", agent });
    const [response] = await once(asked, "response");
    await response.toArray();
    return asked.reusedSocket;
  };
  await ask();
  expect(await shownName(port)).toBe("first.localhost");
  installCertificate(tls, "second");
  await vi.waitFor(async () => expect(await shownName(port)).toBe("second.localhost"));
  expect(await ask()).toBe(true);
});

test("a certificate that is no good changes nothing", async () => {
  const tls = certificateFiles();
  const error = vi.fn();
  const logger = Object.assign(Object.create(silentLogger), { error });
  const { port } = await startListener({ handler: tellVersion, tls, logger });
  writeFileSync(tls.certFile, "no certificate");
  await vi.waitFor(() => expect(error).toHaveBeenCalled());
  expect(await shownName(port)).toBe("first.localhost");
});

test("certificate files that do not belong together fail the start", async () => {
  const tls = certificateFiles();
  copyFileSync(fixture("second.key"), tls.keyFile);
  await expect(startListener({ handler: tellVersion, tls })).rejects.toThrow("key values mismatch");
});

test("a handshake that does not come is cut", async () => {
  const tls = certificateFiles();
  const limits = { firstBytesTimeoutMs: 200 };
  const { port } = await startListener({ handler: tellVersion, tls, limits });
  const { socket } = await dial(port);
  await closed(socket);
});

test("cleartext on a TLS port is cut without an answer", async () => {
  const { port } = await startListener({ handler: tellVersion, tls: certificateFiles() });
  const { socket, received } = await dial(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n");
  await closed(socket);
  expect(received()).not.toContain("HTTP");
});

test("requests under way over TLS are answered at drain", async () => {
  let answer = () => {};
  const listener = await startListener({
    tls: certificateFiles(),
    handler: (_req, res) => {
      answer = () => void res.end("done");
    },
  });
  const socket = await shakeHands(listener.port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n");
  const before = answer;
  await vi.waitFor(() => expect(answer).not.toBe(before));
  const drained = listener.close(10_000);
  answer();
  expect(String((await once(socket, "data"))[0])).toMatch(/Connection: close.*done$/s);
  await drained;
});

test("a handshake that ends during the drain opens nothing", async () => {
  const listener = await startListener({ handler: tellVersion, tls: certificateFiles() });
  const { socket } = await dial(listener.port);
  const drained = listener.close(10_000);
  const secured = connectTls({ socket, ca: trusted, servername: "localhost" });
  secured.on("error", () => {});
  await drained;
});
