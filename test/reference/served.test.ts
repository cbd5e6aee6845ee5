import { readFileSync } from "node:fs";
import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";

const DOCUMENT = readFileSync("gen/openapi.json", "utf8");

/** An answer as it is on the wire: `fetch` asks for compression, and undoes it. */
function ask(url: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const sent = request(url, { method, headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
      sent.on("error", reject).end();
    },
  );
}

test("the document is open to all, compressed for whoever takes that, and sent once", async () => {
  const { url } = await startTestApp();
  const path = `${url}/openapi.json`;
  const plain = await ask(path, { origin: "https://elsewhere.test" });
  expect(plain.status).toBe(200);
  expect(plain.body.toString()).toBe(DOCUMENT);
  expect(plain.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "access-control-allow-origin": "*",
    vary: "Accept-Encoding",
  });

  const gzipped = await ask(path, { "accept-encoding": "br, gzip" });
  expect(gzipped.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(gzipped.body).toString()).toBe(DOCUMENT);
  expect(gzipped.headers["etag"]).not.toBe(plain.headers["etag"]);
  const refused = await ask(path, { "accept-encoding": "gzip;q=0" });
  expect(refused.headers["content-encoding"]).toBeUndefined();

  for (const { headers } of [plain, gzipped]) {
    const again = await ask(path, { "if-none-match": `"other", W/${headers["etag"]}` });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  }
  expect((await ask(path, { "if-none-match": '"other"' })).status).toBe(200);

  const head = await ask(path, {}, "HEAD");
  expect([head.status, head.body.length]).toEqual([200, 0]);
  expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(DOCUMENT)));
});

test("the page and its parts are served, and nothing else beside them", async () => {
  const { url } = await startTestApp();
  const page = await ask(`${url}/docs`);
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|unsafe|\*/);
  const parts = [...page.body.toString().matchAll(/(?:href|src)="(docs[^"]*)"/g)].map(
    ([, it]) => it,
  );
  expect(parts.length).toBeGreaterThan(5);
  for (const part of parts) expect((await ask(`${url}/${part}`)).status, part).toBe(200);

  const moved = await ask(`${url}/docs/`);
  expect([moved.status, moved.headers["location"]]).toEqual([308, "../docs"]);
  for (const path of ["/docs/package.json", "/docs/..%2fpackage.json", "/docs/docs.html"]) {
    expect((await ask(url + path)).status, path).toBe(404);
  }
  const posted = await ask(`${url}/docs`, {}, "POST");
  expect([posted.status, posted.headers["allow"]]).toEqual([405, "GET, HEAD"]);
});
