import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { keepShed, type Protocol } from "./callRecord.js";
import { type Door, WAIT_MS } from "./door.js";
import { doorErrors } from "./doorErrors.js";
import { type Handler, type HttpRequest, type HttpResponse, pathOf } from "./handler.js";
import { toApiError } from "./unwrap.js";

/**
 * `handler`, without calls of RPCs at `paths` that come in a turn which has taken too long already: one connection may bring
 * thousands of them in one turn, and even to refuse them in the chain would take most of what there is to do.
 */
export const refuseLate =
  (handler: Handler, door: Door, paths: ReadonlySet<string>): Handler =>
  (request, response) => {
    const answer = paths.has(pathOf(request)) ? answerFor(request) : undefined;
    if (answer === undefined || !door.isLate()) return handler(request, response);
    const rpc = pathOf(request).slice(1);
    keepShed(request, {
      rpc,
      code: "resource_exhausted",
      subject: null,
      protocol: answer.protocol,
    });
    // What it still sends would take up room that other streams of its connection need.
    request.resume();
    setTimeout(() => answer.write(request, response), WAIT_MS);
  };

interface Answer {
  readonly protocol: Protocol;
  write(request: HttpRequest, response: HttpResponse): void;
}

const error = toApiError({ kind: "server-full" }, doorErrors);
const trailer = Object.fromEntries(setTrailerStatus(new Headers(), error));
const json = JSON.stringify(errorToJson(error, undefined));

/** All that gRPC says in a refusal, it may say in headers. */
const writeGrpc: Answer["write"] = ({ headers }, response) => {
  response.writeHead(200, { ...trailer, "content-type": headers["content-type"] });
  response.end();
};

const writeConnect: Answer["write"] = (_request, response) => {
  response.writeHead(codeToHttpStatus(error.code), {
    "content-type": "application/json",
    "retry-after": error.metadata.get("retry-after") ?? "",
  });
  response.end(json);
};

function answerFor({ headers }: HttpRequest): Answer | undefined {
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/grpc-web")) return { protocol: "grpc-web", write: writeGrpc };
  if (type.startsWith("application/grpc")) return { protocol: "grpc", write: writeGrpc };
  const isConnect = type === "application/json" || type === "application/proto";
  return isConnect ? { protocol: "connect", write: writeConnect } : undefined;
}
