import { isIP } from "node:net";
import type { HttpRequest } from "./handler.js";

/**
 * IP address of who sent `request`. Each of the `trustedProxies` in front of us appends to X-Forwarded-For whom it was
 * called by; what stands to the left of that, anybody may have written. Where the header does not tell, it is the socket's.
 */
export function senderAddress(request: HttpRequest, trustedProxies: number): string {
  const header = trustedProxies > 0 ? request.headers["x-forwarded-for"] : undefined;
  const entries = header?.toString().split(",") ?? [];
  const told = entries.at(-trustedProxies)?.trim() ?? "";
  return readAddress(told) ?? readAddress(request.socket.remoteAddress ?? "") ?? "";
}

/** An address, maybe with a port, as some proxies write it. IPv4 within IPv6 is shown as IPv4. Null if it is none. */
function readAddress(text: string): string | null {
  const [, bracketed, withPort] = /^(?:\[(.*)\]|([\d.]+))(?::\d+)?$/.exec(text) ?? [];
  const address = (bracketed ?? withPort ?? text).replace(/^::ffff:(?=[\d.]+$)/i, "");
  return isIP(address) ? address : null;
}
