import type { HttpRequest, HttpResponse } from "../handler.js";
import type { DocumentFile } from "./documentFile.js";

/** Answers GET and HEAD with `file`: compressed for whoever takes that, and not at all for whoever has it. */
export async function serveFile(
  file: DocumentFile,
  headers: Readonly<Record<string, string>>,
  request: HttpRequest,
  response: HttpResponse,
): Promise<void> {
  const { plain, gzipped, etag } = await file.read();
  const isGzipped = takesGzip(request);
  const head = {
    ...headers,
    // Kept, and asked about each time: a new version shows at once.
    "cache-control": "no-cache",
    etag: isGzipped ? etag.replace(/"$/, '-gzip"') : etag,
    vary: [response.getHeader("vary"), "Accept-Encoding"].filter(Boolean).join(", "),
  };
  if (isKnown(request, etag)) {
    response.writeHead(304, head);
    response.end();
    return;
  }
  const body = isGzipped ? gzipped : plain;
  response.writeHead(200, {
    ...head,
    "content-type": file.type,
    "content-length": body.length,
    "x-content-type-options": "nosniff",
    ...(isGzipped && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? "" : body);
}

const takesGzip = ({ headers }: HttpRequest): boolean =>
  /(^|[,\s])(gzip|\*)\s*(,|$|;\s*q=(1|0?\.0*[1-9]))/i.test(
    String(headers["accept-encoding"] ?? ""),
  );

/** In either form, weak or not: RFC 9110, section 13.1.2. */
const isKnown = ({ headers }: HttpRequest, etag: string): boolean =>
  String(headers["if-none-match"] ?? "")
    .split(",")
    .some((known) => {
      const tag = known
        .trim()
        .replace(/^W\//, "")
        .replace(/-gzip"$/, '"');
      return tag === etag || tag === "*";
    });
