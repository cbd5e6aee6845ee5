import { keepSecret, keepTold } from "./evidence.js";

/** Fields of forms and of JSON whose values are secrets: of OAuth, of our own API, of connectors. */
const SECRET_FIELDS =
  /"(?:access_token|refresh_token|id_token|client_secret|clear|apiKey|apiSecret|password|userCertificateKey)":"(?!\*)((?:[^"\\]|\\.)*)"/g;

const SECRET_PARAMETERS = ["client_secret", "refresh_token", "code_verifier", "code", "password"];

/** Keeps the secrets that a request and its answer hold, and the answer itself if it is an error. */
export async function keepExchange(request: RequestInit | undefined, answer: Response) {
  const authorization = new Headers(request?.headers).get("authorization");
  keepSecret(authorization?.split(" ").at(-1));
  if (request?.body instanceof URLSearchParams) {
    for (const name of SECRET_PARAMETERS) keepSecret(request.body.get(name));
  } else if (typeof request?.body === "string") keepFields(request.body);
  // An answer that broke off was given up by the test.
  const text = await answer.text().catch(() => "");
  if (answer.status < 400) keepFields(text);
  else if (isOurs(answer)) keepTold(text);
}

/** Providers and issuers of tests answer too, and what they say is not told to anybody. */
const isOurs = ({ headers }: Response): boolean => headers.has("x-request-id");

function keepFields(json: string): void {
  for (const [, value] of json.matchAll(SECRET_FIELDS)) keepSecret(value);
}
