import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import contexts from "oidc-provider/lib/helpers/als.js";
import type { Provider } from "oidc-provider/lib/provider.js";
import type { HttpRequest } from "../../server/handler.js";
import { parseScopes } from "../domain/scopes.js";
import type { Endpoint } from "./handler.js";
import { readForm } from "./readForm.js";

/**
 * Requests that oidc-provider is at. From its first one on, Node would follow every promise of the process, a tenth of what a
 * call costs, so that the provider finds its context again: it is told to stop whenever nobody needs one.
 */
let underWay = 0;

/** Lets oidc-provider answer. `currentProvider` changes with the keys. */
export function passToProvider(currentProvider: () => Provider): Endpoint {
  const serving = new WeakMap<Provider, ReturnType<Provider["callback"]>>();
  const serveWith = (provider: Provider) => {
    let serve = serving.get(provider);
    if (serve === undefined) {
      // It then believes the two headers below, and so builds every URL on the issuer, whatever Host a caller names.
      provider.proxy = true;
      serve = provider.callback();
      serving.set(provider, serve);
    }
    return serve;
  };
  return async ({ request, response, path }) => {
    const provider = currentProvider();
    const issuer = new URL(provider.issuer);
    const form = request.method === "POST" ? await readForm(request) : null;
    const { url = "" } = request;
    const [, query] = url.split(/\?(.*)/s);
    const below = query === undefined ? path : `${path}?${tidyScope(query)}`;
    const passed = form === null ? request : withBody(request, tidyScope(form));
    passed.url = below;
    // HTTP/2 needs no length; Koa sees a body only where one of these headers is.
    if (!passed.headers["content-length"]) passed.headers["transfer-encoding"] = "chunked";
    passed.headers["x-forwarded-host"] = issuer.host;
    passed.headers["x-forwarded-proto"] = issuer.protocol.slice(0, -1);
    Object.assign(passed, { originalUrl: issuer.pathname + below });
    underWay += 1;
    try {
      // Node's two types of response differ in how `write` reports to its callback, and in nothing that matters here.
      await serveWith(provider)(passed, response as ServerResponse);
    } finally {
      request.url = url;
      underWay -= 1;
      if (underWay === 0) contexts.disable();
    }
  };
}

/** `request` once more, as far as Koa looks at it, with a body that nobody has read yet. */
function withBody(request: HttpRequest, body: string): HttpRequest {
  const { method, headers, socket, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const bytes = Buffer.from(body);
  return Object.assign(Readable.from([bytes]), {
    ...{ method, socket, httpVersion, httpVersionMajor, httpVersionMinor },
    headers: { ...headers, "content-length": String(bytes.length) },
  }) as unknown as IncomingMessage;
}

/** Spaces to spare in a scope are no error: published clients send them. Of a query or a form. */
function tidyScope(text: string): string {
  const parameters = new URLSearchParams(text);
  const [scope, ...others] = parameters.getAll("scope");
  if (scope === undefined || others.length > 0) return text;
  const tidy = parseScopes(scope).join(" ");
  if (tidy === scope) return text;
  parameters.set("scope", tidy);
  return parameters.toString();
}
