import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const cache = path("../../node_modules/.cache/");
const jars = `${cache}kafka-4.1.0`;

/** The folder with Kafka's jars, fetched by Maven the first time; or why there is none. */
async function findKafka(): Promise<{ jars: string } | { missing: string }> {
  try {
    await run("java", ["-version"]);
  } catch {
    return { missing: "no Java" };
  }
  if (existsSync(jars)) return { jars };
  const partial = `${jars}.${process.pid}`;
  const pom = path("kafka/pom.xml");
  try {
    await mkdir(cache, { recursive: true });
    const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${partial}`];
    await run("mvn", ["-q", "-B", "-f", pom, ...goal], { timeout: 240_000 });
    await rename(partial, jars);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    // Somebody else may have been faster.
    if (!existsSync(jars))
      return { missing: isAbsent ? "no Maven" : "Maven's artefacts cannot be had" };
  }
  return { jars };
}

export const kafka = await findKafka();
