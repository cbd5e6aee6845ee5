import { Code, ConnectError, type Transport } from "@connectrpc/connect";

/** `transport`, which goes over HTTP/1.1 or fetch: refuses what sends and receives at the same time. */
export const oneWay = (transport: Transport): Transport => ({
  unary: transport.unary,
  async stream(method, ...call) {
    if (method.methodKind === "bidi_streaming") {
      throw new ConnectError(`${method.name} needs gRPC`, Code.Unimplemented);
    }
    return transport.stream(method, ...call);
  },
});
