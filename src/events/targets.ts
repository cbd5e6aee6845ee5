/** `text` as URLs of NATS servers, of which one is enough; null if they are none. */
export function parseNatsUrls(text: string): readonly string[] | null {
  const urls = text.split(",").map((url) => url.trim());
  return urls.every(isNatsUrl) ? urls : null;
}

function isNatsUrl(text: string): boolean {
  if (!/^(nats|tls):\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, search, hash } = new URL(text);
  return hostname !== "" && /^\/?$/.test(pathname) && search === "" && hash === "";
}

/** `text` as "host:port" of Kafka brokers; null if it is no such list. */
export function parseBrokers(text: string): readonly string[] | null {
  const brokers = text.split(",").map((broker) => broker.trim());
  return brokers.every((broker) => /^([\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}$/.test(broker))
    ? brokers
    : null;
}

/** Ways to log in to Kafka. */
export const SASL_MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;

/** `text` as the URL of somebody who takes events by HTTP; null if it is none. */
export function parseReceiver(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hash, username } = new URL(text);
  return /^https?:$/.test(protocol) && hash === "" && username === "" ? text : null;
}

const LEAST_SECRET = 24;

/** `text` if it can sign: "whsec_" and base64 of 24 bytes or more, or a text of that length; else null. */
export function parseSigningSecret(text: string): string | null {
  const [, base64] = /^whsec_(.*)$/.exec(text) ?? [];
  if (base64 === undefined) return text.length >= LEAST_SECRET ? text : null;
  const bytes = Buffer.from(base64, "base64");
  const isBase64 = bytes.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "");
  return isBase64 && bytes.length >= LEAST_SECRET ? text : null;
}
