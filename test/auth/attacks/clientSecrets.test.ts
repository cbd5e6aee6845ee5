import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { hashSecret } from "../../../src/auth/domain/secrets.js";
import { putSecret } from "../../../src/auth/store/clientSecrets.js";
import { insertClientIfMissing } from "../../../src/auth/store/clients.js";
import { contents } from "../../support/contents.js";
import { eventually } from "../../support/eventually.js";
import {
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  PREFACE,
  SETTINGS,
} from "../../support/http2Frames.js";
import { dial } from "../../support/listener.js";
import { startForge } from "./forge.js";
import { FORM, post, type Sent, told, versions } from "./send.js";

vi.setConfig({ testTimeout: 120_000 });

const basic = (pair: string) => ({
  authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
});

/** The endpoints that ask a client who it is, and what is asked for there. */
const ENDPOINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/oauth/token": { grant_type: "client_credentials" },
  "/oauth/introspect": { token: "x" },
  "/revoke": { token: "x" },
};

interface Target {
  readonly endpoint: string;
  readonly id: string;
  readonly secret: string;
  /** What an endpoint needs besides credentials. */
  readonly form: Readonly<Record<string, string>>;
  /** A good token of another client. */
  readonly token: string;
}

/** Requests by somebody who does not know the secret of `id`, or says it where it does not belong. */
function attacksOn({ endpoint, id, secret, form, token }: Target): Record<string, Sent> {
  const posted = (credentials: Record<string, string>, headers?: Sent["headers"]) =>
    post(endpoint, { ...form, ...credentials }, headers);
  const guess = (client_secret: string) => posted({ client_id: id, client_secret });
  const text = new URLSearchParams(form).toString();
  const withBoth = new URLSearchParams({ client_id: id, client_secret: secret }).toString();
  const good = { client_id: id, client_secret: secret };
  return {
    "no client": posted({}),
    "a client without a secret": posted({ client_id: id }),
    "an empty secret": guess(""),
    "a wrong secret": guess("wrong"),
    "another client's secret": posted({ client_id: "first", client_secret: secret }),
    "the start of the secret": guess(secret.slice(0, -1)),
    "more than the secret": guess(`${secret}x`),
    "the secret in capitals": guess(secret.toUpperCase()),
    "the secret and a space": guess(`${secret} `),
    "the secret and a NUL": guess(`${secret}\0`),
    "a digest of the secret": guess(createHash("sha256").update(secret).digest("hex")),
    "a secret of a megabyte": guess("x".repeat(1_000_000)),
    "an unknown client": posted({ client_id: "nobody", client_secret: secret }),
    "the client in capitals": posted({ client_id: id.toUpperCase(), client_secret: secret }),
    "the client and a NUL": posted({ client_id: `${id}\0`, client_secret: secret }),
    "the client and a line": posted({ client_id: `${id}\r\nx: y`, client_secret: secret }),
    "a client that is SQL": posted({ client_id: "' or '1'='1", client_secret: secret }),
    "a client that is a member of every object": posted({
      client_id: "__proto__",
      client_secret: secret,
    }),
    "the client twice, the good one first": post(endpoint, `${text}&${withBoth}&client_id=first`),
    "the client twice, the good one last": post(endpoint, `${text}&client_id=first&${withBoth}`),
    "the secret twice": post(endpoint, `${text}&client_secret=wrong&${withBoth}`),
    "the client as a list": post(
      endpoint,
      `${text}&${withBoth.replace("client_id=", "client_id[]=")}`,
    ),
    "the right ones in the query": {
      ...post(endpoint, form),
      path: `/api/auth${endpoint}?${withBoth}`,
    },
    "the right ones in a GET": { method: "GET", path: `/api/auth${endpoint}?${text}&${withBoth}` },
    "the right ones in a PUT": { ...posted(good), method: "PUT" },
    "the right ones as JSON": {
      ...posted(good, { "content-type": "application/json" }),
      body: JSON.stringify({ ...form, ...good }),
    },
    "the right ones as text": posted(good, { "content-type": "text/plain" }),
    "the right ones without a type": { ...posted(good), headers: {} },
    "a wrong secret in the header": posted({}, basic(`${id}:wrong`)),
    "no secret in the header": posted({}, basic(`${id}:`)),
    "no colon in the header": posted({}, basic(id + secret)),
    "bad percent-encoding of the client": posted({}, basic(`${id}%zz:${secret}`)),
    "bad percent-encoding of the secret": posted({}, basic(`${id}:${secret}%`)),
    "bytes that are no text": posted({}, basic(`${id}:%ff%fe`)),
    "no base64 in the header": posted({}, { authorization: "Basic ::::" }),
    "nothing in the header": posted({}, { authorization: "Basic" }),
    "another scheme": posted({}, { authorization: `Digest username="${id}"` }),
    "a wrong secret in the header, the right one in the form": posted(good, basic(`${id}:wrong`)),
    "another client in the header than in the form": posted(
      { client_id: "first" },
      basic(`${id}:${secret}`),
    ),
    "an access token for a secret": posted({ client_id: id }, { authorization: `Bearer ${token}` }),
    "an assertion for a secret": posted({
      client_id: id,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: token,
    }),
  };
}

test.each(Object.keys(ENDPOINTS))(
  "%s lets in nobody but who knows the secret",
  async (endpoint) => {
    const { db, port, good: token, pepper } = await startForge({ TRUST_PROXY: "1" });
    const form = ENDPOINTS[endpoint] ?? {};
    const names = Object.keys(attacksOn({ endpoint, id: "", secret: "", form: {}, token }));
    // Each attack has a client and an address of its own: this is not about brakes.
    const targets = Object.entries(versions).flatMap(([version, send], index) =>
      names.map((what, at) => {
        const [id, secret] = [`target-${index}-${at}`, `Secret of target-${index}-${at}`];
        const from = { "x-forwarded-for": `10.0.${index}.${at}` };
        return { what, version, send, id, secret, from };
      }),
    );
    for (const { id, secret } of targets) {
      await insertClientIfMissing(db, { id, name: id, description: "" });
      const hash = hashSecret(pepper, { clientId: id, id: "s", secret });
      await putSecret(db, { clientId: id, id: "s", name: "s", hash, lastDigits: "" });
    }
    const before = await contents(db);
    for (const { what, version, send, id, secret, from } of targets) {
      const attack =
        attacksOn({ endpoint, id, secret, form, token })[what] ?? expect.unreachable(what);
      const answer = await send(port, { ...attack, headers: { ...attack.headers, ...from } });
      const label = `${what}, over ${version}: ${answer.body}`;
      expect(told(answer), label).toMatch(/^(401 invalid_client|4(00|05|13|15) invalid_request)$/);
      expect(answer.body, label).not.toMatch(/access_token|active/);
      expect(answer.body, label).not.toContain(secret);
      expect(answer.headers["cache-control"], label).toBe("no-store");
      if (answer.status === 401 && attack.headers?.["authorization"] !== undefined)
        expect(String(answer.headers["www-authenticate"]), label).toMatch(/^Basic /);
    }
    expect(await contents(db)).toEqual(before);
    for (const { what, send, id, secret, from } of targets) {
      const right = post(endpoint, { ...form, client_id: id, client_secret: secret }, from);
      expect(told(await send(port, right)), `after ${what}`).toBe("200");
    }
  },
);

test("nobody learns from an answer which clients there are", async () => {
  const { port, clientId } = await startForge({ TRUST_PROXY: "1" });
  const ask = async (endpoint: string, id: string, inHeader: boolean) => {
    const form = ENDPOINTS[endpoint] ?? {};
    const credentials = { client_id: id, client_secret: "a guess" };
    const request = inHeader
      ? post(endpoint, form, basic(`${id}:a guess`))
      : post(endpoint, { ...form, ...credentials });
    const { status, headers, body } = await versions["HTTP/1.1"](port, request);
    const { "x-request-id": _id, date: _date, ...others } = headers;
    return { status, others, body };
  };
  for (const endpoint of Object.keys(ENDPOINTS)) {
    for (const inHeader of [false, true]) {
      const [known, unknown] = [
        await ask(endpoint, clientId, inHeader),
        await ask(endpoint, "nobody", inHeader),
      ];
      expect(unknown, endpoint).toEqual(known);
      expect(known.status, endpoint).toBe(401);
    }
  }
});

test("two Authorization headers are not a choice", async () => {
  const { port, good, db, clientId, clientSecret } = await startForge();
  const before = await contents(db);
  const right = basic(`${clientId}:${clientSecret}`).authorization;
  const wrong = basic(`${clientId}:wrong`).authorization;
  for (const headers of [
    [right, wrong],
    [wrong, right],
    [`Bearer ${good}`, right],
  ]) {
    const form = new URLSearchParams({ grant_type: "client_credentials" }).toString();
    const answer = await versions["HTTP/1.1"](port, {
      method: "POST",
      path: "/api/auth/oauth/token",
      headers: { ...FORM, authorization: headers, "content-length": String(form.length) },
      body: form,
    });
    expect(answer.status, headers.join()).toBe(400);
  }
  for (const headers of [
    [`Bearer ${good}`, "Bearer garbage"],
    ["Bearer garbage", `Bearer ${good}`],
    [`Bearer ${good}`, `Bearer ${good}`],
  ]) {
    const answer = await versions["HTTP/1.1"](port, {
      method: "GET",
      path: "/api/ledger/main/stats",
      headers: { authorization: headers },
    });
    expect(answer.status, headers.join()).toBe(400);
    const rpc = await versions["HTTP/1.1"](port, {
      method: "POST",
      path: "/florin.ledger.v1.LedgerService/ReadStats",
      headers: { authorization: headers, "content-type": "application/grpc-web+proto" },
    });
    expect(rpc.headers, headers.join()).toMatchObject({
      "content-type": "application/grpc-web+proto",
      "grpc-status": "3",
      "grpc-message": "there is more than one Authorization header",
    });
  }
  expect(await contents(db)).toEqual(before);
});

/** A header as HPACK writes it in full (RFC 7541, 6.2.2), for values too long for one octet of length. */
function literal(name: string, value: string): string {
  const rest = value.length - 127;
  const length = `\x7f${String.fromCharCode((rest % 128) + 128, Math.floor(rest / 128))}`;
  return `\x00${String.fromCharCode(name.length)}${name}${length}${value}`;
}

test("nor are they over HTTP/2, whose clients would not send them", async () => {
  const { port, good } = await startForge();
  const { socket, received } = await dial(port);
  const path = "\x04\x16/api/ledger/main/stats";
  const twice = ["garbage".repeat(40), good].map((it) => literal("authorization", `Bearer ${it}`));
  const headers = `\x82\x86\x41\x0bflorin.test${path}${twice.join("")}`;
  socket.write(
    `${PREFACE}${frame(SETTINGS, 0, 0)}${frame(HEADERS, END_HEADERS | END_STREAM, 1, headers)}`,
    "latin1",
  );
  await eventually(() =>
    expect(received()).toContain("there is more than one Authorization header"),
  );
});
