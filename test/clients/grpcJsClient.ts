import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync, type Options, type PackageDefinition } from "@grpc/proto-loader";
import { onTestFinished } from "vitest";

/** Messages as plain data: 64-bit integers as text, empty fields present. */
export const plain: Options = { longs: String, enums: String, defaults: true, oneofs: true };

/** What `file`, a path under proto/, and all that it imports define. */
export const fromProtoFile = (file: string): PackageDefinition =>
  loadSync(file, { ...plain, includeDirs: ["proto"] });

/** A client of grpc-js: the reference implementation for Node, none of ours. */
interface GrpcJsClient {
  /** Calls a unary method; a refusal is thrown as grpc-js tells it. */
  call<T>(method: string, request: object): Promise<T>;
  /** Opens a stream of answers. */
  watch<T>(method: string, request: object): ClientReadableStream<T>;
  /** Opens a stream of requests; a refusal is thrown. */
  send<T, U>(method: string): { stream: ClientWritableStream<T>; answer: Promise<U> };
  /** Opens a stream both ways. */
  open<T, U>(method: string): ClientDuplexStream<T, U>;
}

/** A client of `service` (full name) over h2c, closed when the test is over. */
export function grpcJsClient(
  definition: PackageDefinition,
  service: string,
  server: { readonly url: string; readonly token?: string },
): GrpcJsClient {
  const find = (scope: GrpcObject, name: string) => scope[name] as GrpcObject;
  const found: unknown = service.split(".").reduce(find, loadPackageDefinition(definition));
  const Service = found as ServiceClientConstructor;
  const client = new Service(new URL(server.url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  if (server.token !== undefined) metadata.set("authorization", `Bearer ${server.token}`);
  return {
    call: (method, request) =>
      new Promise((resolve, reject) => {
        const answer = (error: ServiceError | null, response: never) =>
          error === null ? resolve(response) : reject(error);
        client[method]?.call(client, request, metadata, { deadline: inTenSeconds() }, answer);
      }),
    watch: (method, request) =>
      client[method]?.call(client, request, metadata, { deadline: inAMinute() }),
    send(method) {
      let settle = (_error: ServiceError | null, _response: never) => {};
      const answer = new Promise<never>((resolve, reject) => {
        settle = (error, response) => (error === null ? resolve(response) : reject(error));
      });
      const options = { deadline: inAMinute() };
      return { stream: client[method]?.call(client, metadata, options, settle), answer };
    },
    open: (method) => client[method]?.call(client, metadata, { deadline: inAMinute() }),
  };
}

const inTenSeconds = () => Date.now() + 10_000;

const inAMinute = () => Date.now() + 60_000;
