import { execFile } from "node:child_process";

/** What `florin verify` says of a ledger: null if it is sound, else its words. */
export const verifyByProduct = (databaseUrl: string, ledger: string): Promise<string | null> =>
  new Promise((resolve) => {
    const args = ["dist/cli.js", "verify", ledger];
    // It decrypts nothing, but an external database is not opened without a key.
    const key = Buffer.alloc(32).toString("base64");
    const env = { ...process.env, DATABASE_URL: databaseUrl, ENCRYPTION_KEY: key };
    execFile(process.execPath, args, { env, cwd: ROOT }, (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}`.trim() || error.message : null),
    );
  });

const ROOT = new URL("../..", import.meta.url);
