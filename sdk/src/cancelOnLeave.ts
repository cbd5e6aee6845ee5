import type { CallOptions } from "@connectrpc/connect";

/** What `open` gives, whose call is cancelled when its reader leaves: left to itself, connect would go on receiving. */
export async function* cancelOnLeave<T>(
  options: CallOptions | undefined,
  open: (options: CallOptions & { readonly signal: AbortSignal }) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const controller = new AbortController();
  const cancel = () => controller.abort(options?.signal?.reason);
  options?.signal?.addEventListener("abort", cancel);
  if (options?.signal?.aborted) cancel();
  try {
    yield* open({ ...options, signal: controller.signal });
  } finally {
    options?.signal?.removeEventListener("abort", cancel);
    controller.abort();
  }
}
