import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { SecureContextOptions, Server } from "node:tls";
import type { Logger } from "pino";

/** PEM files of a certificate chain and its key. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** How often the files are looked at. Default 5 s. */
  readonly pollMs?: number;
}

/** The certificate as it lies in its files. */
export const readCertificate = ({ certFile, keyFile }: CertificateFiles): SecureContextOptions => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});

/**
 * Gives `server` the new certificate whenever the files change; one that is no good changes nothing. Returns what stops
 * it. By polling, because renewal swaps files through renames and symbolic links, which lose a watcher on the file.
 */
export function followCertificate(
  files: CertificateFiles,
  server: Server,
  logger: Logger,
): () => void {
  const { certFile, keyFile, pollMs = 5_000 } = files;
  const reload = () => {
    try {
      server.setSecureContext(readCertificate(files));
      logger.info({ certFile }, "new TLS certificate in use");
    } catch (error) {
      logger.error({ err: error, certFile }, "new TLS certificate is no good: the old one stays");
    }
  };
  for (const file of [certFile, keyFile]) {
    watchFile(file, { interval: pollMs, persistent: false }, reload);
  }
  return () => {
    for (const file of [certFile, keyFile]) unwatchFile(file, reload);
  };
}
