import type { KoaContextWithOIDC } from "oidc-provider";
import { noteError } from "./answeredErrors.js";
import { isForBrowsers } from "./browserPages.js";
import { describeOffer, type Offer } from "./discovery.js";
import { pageHeaders } from "./page.js";

type TouchUp = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

/** What is changed about the answers of oidc-provider. */
export const touchUps = (offer: Offer): readonly TouchUp[] => [
  guardPages,
  leaveOriginsToListener,
  sayWhenToTryAgain,
  nameRefusedGrant,
  async (ctx, next) => {
    await next();
    // Undefined where it has no route.
    const oidc: KoaContextWithOIDC["oidc"] | undefined = ctx.oidc;
    if (oidc?.route === "discovery") ctx.body = describeOffer(Object(ctx.body), offer);
  },
];

/** Beforehand: to the headers of a page of its own, oidc-provider adds the hash of its script. */
const guardPages: TouchUp = async (ctx, next) => {
  if (isForBrowsers(ctx.path)) ctx.set(pageHeaders());
  await next();
};

/** Which origins may read an answer is decided once, for all of Florin: oidc-provider would let any. */
const leaveOriginsToListener: TouchUp = async (ctx, next) => {
  const isDecided = ctx.res.hasHeader("Access-Control-Allow-Origin");
  await next();
  if (isDecided) return;
  ctx.remove("Access-Control-Allow-Origin");
  ctx.remove("Access-Control-Expose-Headers");
};

const sayWhenToTryAgain: TouchUp = async (ctx, next) => {
  await next();
  if (ctx.status === 503) ctx.set("Retry-After", "1");
};

/** A grant that the client may not use has an error of its own (RFC 6749, section 5.2), which oidc-provider does not know. */
const nameRefusedGrant: TouchUp = async (ctx, next) => {
  await next();
  const { error_description: description } = Object(ctx.body);
  if (description !== "requested grant type is not allowed for this client") return;
  ctx.body = { error: "unauthorized_client", error_description: description };
  noteError(ctx.res, "unauthorized_client");
};
