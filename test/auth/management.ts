import { startTestApp, type TestApp } from "../support/app.js";

/** What REST answered. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape.
  readonly body: any;
}

export interface Management {
  readonly app: TestApp;
  /** An access token of the first client, which is unrestricted. */
  readonly token: string;
  /** Sends "VERB path", where the path begins below "/api/auth"; an object as JSON, a text as it stands. */
  send(call: string, body?: object | string, token?: string | null): Promise<Told>;
  /** The id of a new client that has a secret, and the secret. */
  makeClient(options?: object): Promise<{ id: string; secret: string }>;
  /** The id of a new scope. */
  makeScope(label: string): Promise<string>;
  /** The id of the scope that has been there from the start. */
  scopeId(label: string): Promise<string>;
  /** A token of these credentials. */
  logIn(credentials: { id: string; secret: string }): Promise<string>;
}

/** A server, and its management over REST. */
export async function startManagement(variables: NodeJS.ProcessEnv = {}): Promise<Management> {
  const app = await startTestApp(variables);
  const token = await app.token();
  const send: Management["send"] = async (call, body, bearer = token) => {
    const [verb = "", path = ""] = call.split(" ");
    const response = await fetch(`${app.url}/api/auth${path}`, {
      method: verb,
      headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, text, body: text === "" ? null : JSON.parse(text) };
  };
  return {
    app,
    token,
    send,
    async makeClient(options = {}) {
      const { id } = (await send("POST /clients", { name: "some client", ...options })).body.data;
      const { body } = await send(`POST /clients/${id}/secrets`, { name: "some secret" });
      return { id, secret: body.data.clear };
    },
    makeScope: async (label) => (await send("POST /scopes", { label })).body.data.id,
    async scopeId(label) {
      const { data } = (await send("GET /scopes")).body;
      return data.find((scope: { label: string }) => scope.label === label).id;
    },
    async logIn({ id, secret }) {
      const response = await fetch(`${app.url}/api/auth/oauth/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: id,
          client_secret: secret,
        }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text}`);
      return JSON.parse(text).access_token;
    },
  };
}
