import { hashSecret } from "../../src/auth/domain/secrets.js";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { putSecret } from "../../src/auth/store/clientSecrets.js";
import type { Db } from "../../src/db/database.js";
import { CLIENT, ENCRYPTION_KEY } from "./startAuth.js";

/** A client and its secret, as a form. */
export const asForm = ({ id, secret } = CLIENT) => ({ client_id: id, client_secret: secret });

/** A client and its secret, as a header. */
export const asBasic = ({ id, secret } = CLIENT) => ({
  Authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});

/** Posts a form to an endpoint. */
export const post = (
  url: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Response> => fetch(url, { method: "POST", body: new URLSearchParams(form), headers });

/** What an endpoint answers to a form: its status and its JSON. */
export async function ask(
  url: string,
  form: Record<string, string> | string,
  headers?: Record<string, string>,
): Promise<[status: number, body: Record<string, unknown>]> {
  const response = await post(url, form, headers);
  return [response.status, (await response.json()) as Record<string, unknown>];
}

/** Makes a client; with a secret, if it is not public. Answers how it logs in. */
export async function addClient(
  db: Db,
  id: string,
  { isPublic = false, isTrusted = false, secret = `a secret of ${id}` } = {},
): Promise<typeof CLIENT> {
  await db("clients").insert({ id, name: id, public: isPublic, trusted: isTrusted });
  if (!isPublic) await addSecret(db, id, secret);
  return { id, secret };
}

/** Gives a client one more secret. */
export async function addSecret(db: Db, clientId: string, secret: string): Promise<void> {
  const { pepper } = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  const key = { clientId, id: secret };
  const hash = hashSecret(pepper, { ...key, secret });
  await putSecret(db, { ...key, hash, name: "", lastDigits: "", metadata: {} });
}
