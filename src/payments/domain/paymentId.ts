import type { Told } from "./payment.js";

/** The id of a payment: the same again whenever its provider tells of it. Byte for byte what other services store. */
export function paymentId(provider: string, { reference, type }: Pick<Told, "reference" | "type">) {
  const [p, r, t] = [provider, reference, type].map((text) => JSON.stringify(text));
  return encode(`{"Provider":${p},"Reference":${r},"Type":${t}}`);
}

/** `id` as we write it, from another spelling of the same; null if it is no id at all. */
export function canonicalPaymentId(id: string): string | null {
  try {
    const parts = JSON.parse(Buffer.from(id, "base64url").toString());
    const { Provider: provider, Reference: reference, Type: type } = Object(parts);
    const texts = [provider, reference, type];
    return texts.every((it) => typeof it === "string")
      ? paymentId(provider, { reference, type })
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Base64 of the URL's alphabet, padded. */
const encode = (json: string): string => {
  const text = Buffer.from(json).toString("base64url");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
};
