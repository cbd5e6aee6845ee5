import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A file that is served, read from disk at most once. */
export interface DocumentFile {
  readonly type: string;
  readonly read: () => Promise<FileContent>;
}

export interface FileContent {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  /** Quoted, as headers have it. */
  readonly etag: string;
}

/** The file at `url`. Nothing is read before somebody asks. */
export function documentFile(url: URL, type: string): DocumentFile {
  let reading: Promise<FileContent> | null = null;
  return {
    type,
    read() {
      reading ??= readContent(url).catch((error) => {
        reading = null;
        throw error;
      });
      return reading;
    },
  };
}

async function readContent(url: URL): Promise<FileContent> {
  const plain = await readFile(url);
  const digest = createHash("sha256").update(plain).digest("base64url");
  return { plain, gzipped: await promisify(gzip)(plain), etag: `"${digest}"` };
}
