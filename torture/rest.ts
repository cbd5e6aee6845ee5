import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { type Answer, failed, NOTHING_WRITTEN } from "./answer.js";
import type { Call } from "./calls.js";

export interface SendOptions {
  readonly port: number;
  readonly token: string;
  readonly idempotencyKey: string | undefined;
  /** After which the client wants no answer any more. */
  readonly timeoutMs: number;
}

const agent = new Agent({ keepAlive: true });

/** Sends `call` over REST. Nothing is ever sent twice. */
export async function sendRest(call: Call, options: SendOptions): Promise<Answer> {
  const { port, token, idempotencyKey, timeoutMs } = options;
  try {
    const [status, headers, body] = await exchange(call, port, timeoutMs, {
      authorization: `Bearer ${token}`,
      ...(call.body && { "content-type": "application/json" }),
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    });
    const code = String(status);
    if (status < 300) {
      const hit = headers["idempotency-hit"] === "true";
      return {
        outcome: "ok",
        status: code,
        message: "",
        hit,
        body: body ? JSON.parse(body) : null,
      };
    }
    return failed(status < 500 || NOTHING_WRITTEN.test(body) ? "refused" : "unknown", code, body);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Nobody was there to be asked.
    return failed(code === "ECONNREFUSED" ? "refused" : "unknown", code ?? "error", message);
  }
}

function exchange(
  { verb, path, body }: Call,
  port: number,
  timeoutMs: number,
  headers: Record<string, string>,
): Promise<[status: number, headers: IncomingMessage["headers"], body: string]> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { host: "127.0.0.1", port, path, method: verb, agent, headers, signal };
    const request = httpRequest(options, (response) => {
      text(response).then(
        (all) => resolve([response.statusCode ?? 0, response.headers, all]),
        reject,
      );
    });
    request.on("error", reject);
    request.end(body && JSON.stringify(body));
  });
}
