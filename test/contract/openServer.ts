import { startTestApp, type TestApp } from "../support/app.js";

/** What REST answered; the body as its text, and read with JavaScript's numbers. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape.
  readonly body: any;
}

export interface OpenServer {
  readonly app: TestApp;
  /** Sends "VERB path", where the path begins below "/api/ledger"; an object as JSON, a text as it stands. */
  send(call: string, body?: object | string, headers?: Record<string, string>): Promise<Told>;
  /** Commits one posting on the ledger "main", written as "a > b 1 USD/2"; tells the transaction. */
  pay(posting: string, others?: object): Promise<Told>;
}

/** A server that asks for no token. */
export async function openServer(variables: NodeJS.ProcessEnv = {}): Promise<OpenServer> {
  const app = await startTestApp({ AUTH_ENABLED: "false", ...variables });
  const send: OpenServer["send"] = async (call, body, headers = {}) => {
    const [verb = "", path = ""] = call.split(" ");
    const response = await fetch(`${app.url}/api/ledger${path}`, {
      method: verb,
      headers,
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === "" ? null : JSON.parse(text),
    };
  };
  return {
    app,
    send,
    pay(text, others = {}) {
      const [source, , destination, amount, asset] = text.split(" ");
      const posting = `{"source":"${source}","destination":"${destination}","asset":"${asset}","amount":${amount}}`;
      const rest = JSON.stringify(others).slice(1, -1);
      return send("POST /main/transactions", `{"postings":[${posting}]${rest && `,${rest}`}}`);
    },
  };
}
