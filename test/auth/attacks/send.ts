import { once } from "node:events";
import { type IncomingMessage, request as request1 } from "node:http";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";

export interface Sent {
  readonly method: string;
  /** With its query, as it is to stand in the request. */
  readonly path: string;
  /** Names in lower case; a list is sent as so many lines. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends one request on a connection of its own, with nothing added or tidied up; no redirect is followed. */
export type Send = (port: number, request: Sent) => Promise<Answer>;

const sendHttp1: Send = async (port, { method, path, headers = {}, body }) => {
  const call = request1({ port, host: "127.0.0.1", method, path, headers, agent: false });
  call.end(body);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
};

const sendHttp2: Send = async (port, { method, path, headers = {}, body }) => {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const call = session.request({ ":method": method, ":path": path, ...headers });
    call.end(body);
    const [answered] = await once(call, "response");
    return { status: answered[":status"], headers: answered, body: await text(call) };
  } finally {
    session.close();
  }
};

export const versions = { "HTTP/1.1": sendHttp1, "HTTP/2": sendHttp2 } as const;

export const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** A form post to an endpoint below the mount. */
export const post = (
  endpoint: string,
  form: Readonly<Record<string, string>> | string,
  headers: Sent["headers"] = {},
): Sent => ({
  method: "POST",
  path: `/api/auth${endpoint}`,
  headers: { ...FORM, ...headers },
  body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
});

/** "<status> <OAuth error>" of an answer; "<status>" if it is no OAuth error. */
export function told({ status, body }: Answer): string {
  const error: unknown = /^{/.test(body) ? JSON.parse(body).error : undefined;
  return error === undefined ? String(status) : `${status} ${error}`;
}
