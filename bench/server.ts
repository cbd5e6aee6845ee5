import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { httpRequest } from "./httpRequest.js";
import { startProgram } from "./processes.js";

/** A Florin of the bench's own, on an empty embedded database. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  readonly token: string;
  /** A whole HTTP/1.1 request, as the first client sends it. */
  http(verb: string, path: string, body?: string): string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Folder that the server writes a profile of its CPU time to, when it ends. */
const PROFILE = process.env["BENCH_PROFILE"];

/** Those of `npm start`. */
const FLAGS = ["--max-semi-space-size=64"];

export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), "florin-bench-"));

interface ServerOptions {
  /** What it holds is served, and goes with the server. Default: a new one. */
  readonly dataDir?: string;
  /** Cores that the server and its database may use, as `taskset` takes them. Default: all. */
  readonly cores?: string | undefined;
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { cores, dataDir = await newDataDir() } = options;
  const program = await startProgram("dist/main.js", /listens on http:\/\/localhost:(\d+)/, {
    env: { PORT: "0", DATA_DIR: dataDir, LOG_LEVEL: "warn" },
    flags: PROFILE === undefined ? FLAGS : [...FLAGS, "--cpu-prof", `--cpu-prof-dir=${PROFILE}`],
    cores,
  });
  const port = Number(program.found);
  const token = await login(port, dataDir);
  return {
    port,
    pid: program.pid,
    dataDir,
    token,
    http: (verb, path, body = "") => httpRequest({ verb, path, token, body }),
    async stop() {
      await program.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function login(port: number, dataDir: string): Promise<string> {
  const form = await readFile(join(dataDir, "client-florin.form"), "utf8");
  const url = `http://127.0.0.1:${port}/api/auth/oauth/token`;
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
  return ((await answer.json()) as { access_token: string }).access_token;
}
