import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test, vi } from "vitest";
import { startTestApp } from "../support/app.js";
import { type Answer, FORM, post, type Send, versions } from "./attacks/send.js";

vi.setConfig({ testTimeout: 60_000 });

/** A server where people log in, if their issuer could be reached. */
const start = () =>
  startTestApp({
    DELEGATED_ISSUER: "http://127.0.0.1:1",
    DELEGATED_CLIENT_ID: "florin",
    DELEGATED_CLIENT_SECRET: "secret",
    TRUST_PROXY: "1",
  });

const PATHS = [
  "/.well-known/openid-configuration",
  "/keys",
  "/authorize",
  "/authorize/unknown",
  "/authorize/callback",
  "/login/unknown",
  "/oauth/token",
  "/oauth/introspect",
  "/revoke",
  "/userinfo",
  "/end_session",
  "/end_session/confirm",
  "/end_session/success",
];

const NAMES = [
  ...["client_id", "client_secret", "redirect_uri", "response_type", "scope", "state", "code"],
  ...["grant_type", "token", "token_type_hint", "access_token", "refresh_token", "iss", "error"],
  ...["error_description", "id_token_hint", "post_logout_redirect_uri", "logout", "xsrf"],
];

const INJECTED = "x\r\nx-evil: 1\r\nset-cookie: evil=1\r\n\r\n<script>alert(1)</script>";

/** Nothing of what was injected is a header, a cookie or a tag. */
function expectHarmless({ status, headers, body }: Answer, label: string): void {
  expect(status, `${label}: ${body}`).toBeLessThan(500);
  expect(Object.keys(headers), label).not.toContain("x-evil");
  for (const cookie of headers["set-cookie"] ?? []) expect(cookie, label).not.toMatch(/^evil/);
  const isJson = String(headers["content-type"]).startsWith("application/json");
  if (!isJson) expect(body, label).not.toContain("<script>alert");
}

const TAKES_GET = /keys|openid|authorize|login|userinfo|end_session/;

test.each(Object.entries<Send>(versions))(
  "over %s, lines and tags in any parameter of any endpoint come back as neither header nor tag",
  async (_, send) => {
    const { port } = await start();
    let sent = 0;
    // Each from an address of its own: whoever is held back is not looked at.
    const from = () => {
      sent += 1;
      return { accept: "text/html", "x-forwarded-for": `10.0.${sent >> 8}.${sent & 255}` };
    };
    for (const path of PATHS) {
      for (const name of NAMES) {
        const form = { [name]: INJECTED };
        const label = `${name} at ${path}`;
        expectHarmless(await send(port, post(path, form, from())), label);
        if (!TAKES_GET.test(path)) continue;
        const query = new URLSearchParams(form);
        const get = { method: "GET", path: `/api/auth${path}?${query}`, headers: from() };
        expectHarmless(await send(port, get), label);
      }
      const credentials = Buffer.from(`${encodeURIComponent(INJECTED)}:x`).toString("base64");
      const headers = { ...from(), authorization: `Basic ${credentials}` };
      expectHarmless(await send(port, post(path, {}, headers)), path);
    }
  },
);

test("lines and tags in the id of a request do not come back", async () => {
  const { port } = await start();
  const ids = ["a\r\n x-evil: 1", "a\rx-evil: 1", "a\nx-evil: 1", "a\0b", "<script>", "a\u00e9"];
  for (const id of ids) {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      Buffer.from(
        `POST /api/auth/oauth/token HTTP/1.1\r\nhost: florin.test\r\nconnection: close\r\n` +
          `x-request-id: ${id}\r\ncontent-type: ${FORM["content-type"]}\r\ncontent-length: 0\r\n\r\n`,
        "latin1",
      ),
    );
    const answer = await text(socket);
    expect(answer, id).toMatch(/^HTTP\/1\.1 40[01] /);
    expect(answer, id).not.toMatch(/x-evil|<script>|é/i);
  }
});

test("headers without end are refused, and the server lives", async () => {
  const { port, token } = await start();
  const large = "x".repeat(100_000);
  for (const [version, send] of Object.entries(versions)) {
    for (const name of ["authorization", "cookie", "x-request-id", "x-forwarded-for"]) {
      const status = await send(port, post("/oauth/token", {}, { [name]: large })).then(
        (answer) => answer.status,
        () => "cut off",
      );
      expect([431, "cut off"], `${name} over ${version}`).toContain(status);
    }
    expect(await token()).toMatch(/^ey/);
  }
});
