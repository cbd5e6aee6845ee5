import { createHmac } from "node:crypto";

export interface ModulrCredentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What makes a request unlike any other. */
interface Once {
  /** As in the header Date: "Mon, 10 Jul 2023 12:00:00 GMT". */
  readonly date: string;
  readonly nonce: string;
}

/** The headers of one request. Modulr refuses a nonce that it has seen before. */
export const signedHeaders = (
  { apiKey, apiSecret }: ModulrCredentials,
  { date, nonce }: Once,
): Record<string, string> => ({
  date,
  "x-mod-nonce": nonce,
  "x-mod-retry": "false",
  authorization: `Signature keyId="${apiKey}",algorithm="hmac-sha1",headers="date x-mod-nonce",signature="${signature(apiSecret, { date, nonce })}"`,
});

/** The secret's bytes are its text: it is no base64. */
const signature = (apiSecret: string, { date, nonce }: Once): string =>
  encodeURIComponent(
    createHmac("sha1", apiSecret).update(`date: ${date}\nx-mod-nonce: ${nonce}`).digest("base64"),
  );
