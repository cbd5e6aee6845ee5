import type { ServerResponse } from "node:http";
import type { Provider } from "oidc-provider/lib/provider.js";
import type { Endpoint } from "./handler.js";

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
    const { url = "" } = request;
    const below = path + url.slice(url.indexOf(path) + path.length);
    request.url = below;
    // HTTP/2 needs no length; Koa sees a body only where one of these headers is.
    if (!request.headers["content-length"]) request.headers["transfer-encoding"] = "chunked";
    request.headers["x-forwarded-host"] = issuer.host;
    request.headers["x-forwarded-proto"] = issuer.protocol.slice(0, -1);
    Object.assign(request, { originalUrl: issuer.pathname + below });
    try {
      // Node's two types of response differ in how `write` reports to its callback, and in nothing that matters here.
      await serveWith(provider)(request, response as ServerResponse);
    } finally {
      request.url = url;
    }
  };
}
