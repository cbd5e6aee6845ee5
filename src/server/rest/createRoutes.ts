import type { DescMethod } from "@bufbuild/protobuf";
import createRouter, { type HTTPMethod } from "find-my-way";
import { fail, ok, type Result } from "../../lib/result.js";
import type { PathParams } from "./bodyBinder.js";
import { httpRoutes } from "./httpRoutes.js";
import { type RequestBinding, requestBinding } from "./requestBinding.js";

/** One way to reach an RPC over REST. */
interface Route {
  readonly method: DescMethod;
  readonly binding: RequestBinding;
  /** "/api/ledger/{ledger}/stats". */
  readonly template: string;
}

/** A route that fits a request, and what its URL says. */
export interface FoundRoute extends Route {
  readonly params: PathParams;
  /** What follows "?", still encoded. */
  readonly query: string;
}

/** Why no route fits. */
export type NoRoute =
  | { readonly kind: "path-unknown" }
  | { readonly kind: "url-malformed" }
  | { readonly kind: "verb-not-allowed"; readonly allowed: readonly string[] };

type Find = (verb: string, url: string) => Result<FoundRoute, NoRoute>;

/** Payment ids are long. */
const MAX_PARAM_LENGTH = 2048;

const VERBS: readonly HTTPMethod[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Finds routes among the google.api.http rules of `methods`. A literal segment wins over a variable. */
export function createRoutes(methods: readonly DescMethod[]): Find {
  const findExactly = exactFinder(methods);

  const find: Find = (verb, url) => {
    const found = findExactly(verb, url);
    if (found.ok || verb !== "HEAD") return found;
    const asGet = findExactly("GET", url);
    // A stream has no end that a HEAD could wait for.
    return asGet.ok && asGet.value.method.methodKind !== "unary" ? found : asGet;
  };

  return (verb, url) => {
    const found = find(verb, url);
    if (found.ok || found.failure.kind !== "path-unknown") return found;
    const allowed = VERBS.filter((other) => find(other, url).ok);
    return allowed.length === 0 ? found : fail({ kind: "verb-not-allowed", allowed });
  };
}

function exactFinder(methods: readonly DescMethod[]): Find {
  const router = createRouter({
    maxParamLength: MAX_PARAM_LENGTH,
    querystringParser: (query) => query,
    onBadUrl: unused,
  });
  for (const method of methods) {
    for (const route of httpRoutes(method)) {
      const binding = requestBinding(method, route);
      const template = route.pattern.replace(/:(\w+)/g, "{$1}");
      router.on(route.verb, route.pattern, unused, { method, binding, template } satisfies Route);
    }
  }
  return (verb, url) => {
    const found = router.find(verb as HTTPMethod, url);
    if (found === null) return fail({ kind: "path-unknown" });
    const route: Route | null = found.store;
    if (route === null) return fail({ kind: "url-malformed" });
    const { method, binding, template } = route;
    const { params } = found;
    if (!binding.accepts(params)) return fail({ kind: "path-unknown" });
    // The parser above leaves the query as it is.
    const query = found.searchParams as unknown as string;
    return ok({ method, binding, template, params, query });
  };
}

/** The router wants handlers; what is found is in its store. */
const unused = () => {};
