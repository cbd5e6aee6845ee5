import type { DescMethod, DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { ConnectError, type Transport } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionV1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { protoFiles } from "./protos.js";

/** Every service there is a descriptor of, ours and those from elsewhere. */
export const services = [
  ...(await protoFiles()).flatMap((file) => file.services),
  Health,
  ServerReflection,
  ServerReflectionV1Alpha,
];

export const rpcs = services.flatMap((service) => service.methods);

/** The RPC protocols, all over h2c: HTTP/1.1 cannot carry streams both ways. */
export function rpcWires(baseUrl: string): Record<"gRPC" | "gRPC-Web" | "Connect", Transport> {
  const options = { baseUrl, httpVersion: "2" } as const;
  return {
    gRPC: createGrpcTransport(options),
    "gRPC-Web": createGrpcWebTransport(options),
    Connect: createConnectTransport(options),
  };
}

export const isUnary = (rpc: DescMethod): rpc is DescMethodUnary => rpc.methodKind === "unary";

const isStreaming = (rpc: DescMethod): rpc is DescMethodStreaming => !isUnary(rpc);

interface CallOptions {
  readonly request?: Record<string, unknown>;
  readonly token?: string;
}

const TIMEOUT_MS = 30_000;

/**
 * How a call ends: "ok", for a stream as soon as it answers; or "<code> <REST's code>: <message>". Streams of
 * requests hold the one.
 */
export async function callRpc(
  wire: Transport,
  rpc: DescMethod,
  { request = {}, token }: CallOptions = {},
): Promise<string> {
  const header = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const done = new AbortController();
  try {
    if (isUnary(rpc)) await wire.unary(rpc, done.signal, TIMEOUT_MS, header, request);
    if (isStreaming(rpc)) {
      const { message } = await wire.stream(rpc, done.signal, TIMEOUT_MS, header, only(request));
      await message[Symbol.asyncIterator]().next();
    }
    return "ok";
  } catch (error) {
    return tell(ConnectError.from(error));
  } finally {
    done.abort();
  }
}

async function* only<T>(request: T): AsyncGenerator<T> {
  yield request;
}

function tell(error: ConnectError): string {
  const errorCode = error.findDetails(ErrorInfoSchema)[0]?.metadata["errorCode"];
  return `${codeToString(error.code)}${errorCode ? ` ${errorCode}` : ""}: ${error.rawMessage}`;
}
