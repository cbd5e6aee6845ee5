import type { ErrorOut, KoaContextWithOIDC } from "oidc-provider";
import { type Page, pageHeaders, toHtml } from "./page.js";

/** Whether browsers go there; other endpoints answer programs. */
export const isForBrowsers = (path: string): boolean =>
  /^\/(authorize|end_session)(\/|$)/.test(path);

/** A page for a browser, JSON for everybody else. */
export function showError(ctx: KoaContextWithOIDC, out: ErrorOut): void {
  if (!isForBrowsers(ctx.path) || ctx.accepts("json", "html") !== "html") {
    ctx.body = out;
    return;
  }
  const reason = [out.error, out.error_description].filter(Boolean).join(": ");
  show(ctx, {
    title: ctx.status < 500 ? "This cannot be done" : "Something went wrong",
    text: `Go back to the application and try again. (${reason})`,
  });
}

/**
 * Ends the session at once if the client proves whose it is, by an ID token of the same person; else anybody could end
 * it by a link, and so the person is asked.
 */
export function askForLogout(ctx: KoaContextWithOIDC, form: string): void {
  const { entities, session } = ctx.oidc;
  const isTheirs =
    session?.accountId !== undefined && entities.IdTokenHint?.payload["sub"] === session.accountId;
  show(ctx, isTheirs ? leaving(form) : question(form));
}

export function showLoggedOut(ctx: KoaContextWithOIDC): void {
  show(ctx, { title: "You are logged out", text: "You can close this page." });
}

const leaving = (form: string): Page => ({
  title: "Logging out",
  text: "One moment.",
  form: `${form}
<input type="hidden" name="logout" value="yes" form="op.logoutForm">
<button type="submit" form="op.logoutForm">Continue</button>`,
  script: 'document.getElementById("op.logoutForm").submit();',
});

const question = (form: string): Page => ({
  title: "Log out?",
  text: "This logs you out of every application that you logged in to from here.",
  form: `${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Log out</button>
<button type="submit" form="op.logoutForm">Stay logged in</button>`,
});

function show(ctx: KoaContextWithOIDC, page: Page): void {
  ctx.set(pageHeaders(page.script));
  ctx.type = "html";
  ctx.body = toHtml(page);
}
