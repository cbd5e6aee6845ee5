import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Logger } from "pino";
import { traceOf } from "../../lib/tracing.js";
import { recordOfRequest } from "../callRecord.js";
import type { Page } from "../createHandler.js";
import { faultError } from "../faultError.js";
import { pathOf } from "../handler.js";
import { toRestError, writeRestError } from "../rest/restError.js";
import { type DocumentFile, documentFile } from "./documentFile.js";
import { serveFile } from "./serveFile.js";

const ours = (path: string) => new URL(`../../../${path}`, import.meta.url);

const require = createRequire(import.meta.url);
const library = pathToFileURL(require.resolve("swagger-ui-dist"));
const theirs = (name: string) => new URL(name, library);

const [HTML, CSS, SCRIPT] = ["text/html", "text/css", "text/javascript"].map(
  (type) => `${type}; charset=utf-8`,
) as [string, string, string];

/** The OpenAPI document, and the page that shows it with all that it is made of. */
const FILES: ReadonlyMap<string, DocumentFile> = new Map([
  ["/openapi.json", documentFile(ours("gen/openapi.json"), "application/json; charset=utf-8")],
  ["/docs", documentFile(ours("reference/web/docs.html"), HTML)],
  ["/docs/docs.css", documentFile(ours("reference/web/docs.css"), CSS)],
  ["/docs/docs.js", documentFile(ours("reference/web/docs.js"), SCRIPT)],
  ["/docs/icon.svg", documentFile(ours("reference/web/icon.svg"), "image/svg+xml")],
  ["/docs/swagger-ui.css", documentFile(theirs("swagger-ui.css"), CSS)],
  ["/docs/swagger-ui.js", documentFile(theirs("swagger-ui-bundle.js"), SCRIPT)],
]);

/** The page works by this origin alone, wherever it may be read. */
const PAGE_HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
};

/** `/openapi.json` and `/docs`, open to all. */
export const referencePages =
  (logger: Logger): Page =>
  (request, response) => {
    const path = pathOf(request);
    const file = FILES.get(path);
    if (file === undefined) {
      if (path !== "/docs/") return false;
      response.writeHead(308, { location: "../docs" });
      response.end();
      return true;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      const message = `${request.method} is not allowed here; allowed: GET, HEAD`;
      const headers = { allow: "GET, HEAD" };
      writeRestError(response, { status: 405, errorCode: "VALIDATION", message, headers });
      return true;
    }
    serveFile(file, PAGE_HEADERS, request, response).catch((error) => {
      const record = recordOfRequest(request);
      const requestId = record?.requestId;
      logger.error(
        { err: error, requestId, path, ...traceOf(record?.span) },
        "a page of the reference could not be served",
      );
      writeRestError(response, toRestError(faultError(error, requestId)));
    });
    return true;
  };
