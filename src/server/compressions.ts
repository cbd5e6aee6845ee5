import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";

/** What messages may be packed with. Bytes that do not unpack are the fault of who sent them. */
export const compressions: readonly Compression[] = [compressionGzip, compressionBrotli].map(
  (compression) => ({
    ...compression,
    decompress: (bytes, maxBytes) => compression.decompress(bytes, maxBytes).catch(blame),
  }),
);

function blame(error: unknown): never {
  if (!(error instanceof ConnectError) || error.code !== Code.Internal) throw error;
  throw new ConnectError(error.rawMessage, Code.InvalidArgument);
}
