import { TemporarilyUnavailable } from "oidc-provider/lib/helpers/errors.js";
import type { Logger } from "pino";
import { isUnavailable } from "../../server/interceptors/isUnavailable.js";

/**
 * `asks`, whose failures to reach the database are OAuth errors: anything that oidc-provider does not know, it takes
 * for a fault of ours.
 */
export function orUnavailable<T extends object>(logger: Logger, asks: T): T {
  const translate = (error: unknown) => {
    if (!isUnavailable(error)) throw error;
    logger.error({ err: error }, "OAuth endpoint cannot reach the database");
    // Unlike its other errors it is ours, and yet to be told.
    throw Object.assign(new TemporarilyUnavailable("try again"), {
      ...{ status: 503, statusCode: 503, expose: true },
    });
  };
  const entries = Object.entries(asks).map(([name, ask]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await ask(...args);
      } catch (error) {
        return translate(error);
      }
    },
  ]);
  // Same names, same functions, but for what they throw.
  return Object.fromEntries(entries) as T;
}
