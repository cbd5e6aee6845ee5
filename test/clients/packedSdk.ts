import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** npm's words for a registry that cannot be reached. */
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

/** A fresh folder outside the repository, in which the SDK is installed as its users do it: packed, with npm. */
export async function installPackedSdk(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "florin-packed-"));
  await run("npm", ["pack", "--workspace", "sdk", "--pack-destination", folder]);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const { version, dependencies } = JSON.parse(await readFile("sdk/package.json", "utf8"));
  const tarball = `florin-sdk-${version}.tgz`;
  if (!(await install(folder, `./${tarball}`))) {
    const place = join(folder, "node_modules/@florin/sdk");
    await mkdir(place, { recursive: true });
    await run("tar", ["-xzf", join(folder, tarball), "--strip-components=1", "-C", place]);
    for (const name of Object.keys(dependencies)) await link(folder, name);
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** Lends `folder` a package of the repository's. */
export async function link(folder: string, name: string): Promise<void> {
  const place = join(folder, "node_modules", name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(process.cwd(), "node_modules", name), place);
}

/** False if the registry, where the package's dependencies are, cannot be reached. */
async function install(folder: string, tarball: string): Promise<boolean> {
  const options = ["--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=0"];
  try {
    await run("npm", ["install", tarball, ...options], { cwd: folder });
    return true;
  } catch (error) {
    if (error instanceof Error && UNREACHABLE.test(error.message)) return false;
    throw error;
  }
}
