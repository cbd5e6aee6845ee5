import { createContextKey, type HandlerContext } from "@connectrpc/connect";

/** Names of the query parameters that a REST call used, by field name. */
export const spellingsKey = createContextKey<ReadonlyMap<string, string>>(new Map(), {
  description: "spellings",
});

/**
 * How the caller spelled a field of the request: "page_size" for "pageSize" where REST got the deprecated
 * parameter. For messages that name the parameter at fault.
 */
export const spelledAs = (context: Pick<HandlerContext, "values">, field: string): string =>
  context.values.get(spellingsKey).get(field) ?? field;
