import type { connectNodeAdapter } from "@connectrpc/connect-node";

/** Answers one HTTP request, of HTTP/1.1 or HTTP/2 alike. */
export type Handler = ReturnType<typeof connectNodeAdapter>;

export type HttpRequest = Parameters<Handler>[0];
export type HttpResponse = Parameters<Handler>[1];

/** The path of `request`, without its query. */
export const pathOf = (request: HttpRequest): string => request.url?.split("?", 1)[0] ?? "";
