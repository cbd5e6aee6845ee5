import { createHash } from "node:crypto";
import type { HttpResponse } from "../../server/handler.js";

/** A small page for a person. What it says is text, except for `form`. */
export interface Page {
  readonly title: string;
  readonly text: string;
  /** HTML, as it is. */
  readonly form?: string;
  readonly script?: string;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { box-sizing: border-box; width: min(26rem, 100vw); padding: 2rem; }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1.5rem; overflow-wrap: anywhere; }
button { font: inherit; padding: .5rem 1rem; margin: 0 .5rem .5rem 0; border: 1px solid; border-radius: .375rem; background: none; color: inherit; cursor: pointer; }
button:first-of-type { background: CanvasText; color: Canvas; }
`;

/** The page in HTML. */
export const toHtml = ({ title, text, form = "", script }: Page): string =>
  `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
${form}
</main>
${script === undefined ? "" : `<script>${script}</script>`}
</body>
</html>
`;

/** Goes with every page: nothing may frame it, and nothing runs in it but `script`. */
export const pageHeaders = (script?: string): Readonly<Record<string, string>> => ({
  // Without `form-action`: browsers hold it against the redirect that answers a form, too.
  "Content-Security-Policy": [
    "default-src 'none'",
    `script-src ${script === undefined ? "" : hashOf(script)}`.trim(),
    `style-src ${hashOf(STYLE)}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join(";"),
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
});

/** Answers with a page. */
export function writePage(response: HttpResponse, status: number, page: Page): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(pageHeaders(page.script))) {
    response.setHeader(name, value);
  }
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(toHtml(page));
}

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (it) => ESCAPES[it] ?? "");
