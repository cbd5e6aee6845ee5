import { createHmac } from "node:crypto";
import type { Message } from "../message.js";

/** Bytes that sign: what follows "whsec_" is base64, any other secret is taken as it is. */
export const signingKey = (secret: string): Buffer =>
  secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret);

/** Headers by which a receiver knows that a message is ours and fresh (Standard Webhooks 1.0.0). */
export function signatureHeaders(
  key: Buffer,
  { id, body }: Pick<Message, "id" | "body">,
  seconds: number,
): Record<string, string> {
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${signature}`,
  };
}
