import type { CustomFetch } from "openid-client";

/** What issuers say of themselves, their keys and people takes a few kilobytes. */
const MOST_BYTES = 1024 * 1024;

/** `fetch`, which gives up on an answer that is far too long before it fills our memory. */
export const boundedFetch: CustomFetch = async (url, options) => {
  // openid-client leaves out what it has not, or sets it to undefined, which is the same to `fetch`.
  const response = await fetch(url, options as RequestInit);
  const { body } = response;
  return body === null ? response : new Response(body.pipeThrough(bounded()), response);
};

function bounded(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) controller.error(new Error("the answer is too long"));
      else controller.enqueue(chunk);
    },
  });
}
