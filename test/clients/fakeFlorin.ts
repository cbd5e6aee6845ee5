import { createServer, type RequestListener } from "node:http";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { onLoopback } from "../support/onLoopback.js";

/** What the token endpoint answers: a JSON body and its status. */
interface TokenAnswer {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Florin of wood: a token endpoint and RPCs of the test's choice, over HTTP/1.1. Ends with the test. */
export async function fakeFlorin(parts: {
  readonly token?: (form: URLSearchParams) => TokenAnswer | Promise<TokenAnswer>;
  readonly ledger?: Partial<ServiceImpl<typeof LedgerService>>;
  readonly auth?: Partial<ServiceImpl<typeof AuthService>>;
}): Promise<string> {
  const rpc = connectNodeAdapter({
    routes: (router) =>
      router.service(LedgerService, parts.ledger ?? {}).service(AuthService, parts.auth ?? {}),
  });
  return listen(async (request, response) => {
    if (request.url !== "/api/auth/oauth/token") return rpc(request, response);
    const body = await request.toArray();
    const answer = await parts.token?.(new URLSearchParams(Buffer.concat(body).toString()));
    response.writeHead(answer?.status ?? 200, {
      "Content-Type": "application/json",
      ...answer?.headers,
    });
    response.end(JSON.stringify(answer?.body));
  });
}

/** The address of a server that answers by `listener`. Ends with the test. */
export async function listen(listener: RequestListener): Promise<string> {
  return `http://${await onLoopback(createServer(listener))}`;
}

/** The token a call came with, or null. */
export const bearer = (context: HandlerContext): string | null =>
  context.requestHeader.get("authorization")?.replace(/^Bearer /, "") ?? null;
