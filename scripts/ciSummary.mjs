// Prints the closing line of a CI run and decides its exit code.
// Arguments: vitest's JSON report, and the exit codes of the tests, the checks and the torture, which counts as one test.
import { existsSync, readFileSync } from "node:fs";

const [report, tested, checked, tortured] = process.argv.slice(2);
const outcomes = JSON.parse(
  readFileSync(report, "utf8") || '{"testResults":[]}',
).testResults.flatMap((file) =>
  file.assertionResults.length > 0
    ? file.assertionResults.map(({ fullName, status }) => ({ name: fullName, status }))
    : [{ name: file.name, status: file.status }],
);
const withStatus = (...statuses) => outcomes.filter(({ status }) => statuses.includes(status));

// Only these may be skipped: tests of what others published where it is absent, and tests with Kafka where Java or
// Kafka itself cannot be had. Never those with a browser or with NATS.
const mayBeSkipped = (name) =>
  (/published (document|vectors)/.test(name) &&
    !existsSync(new URL("../../shared", import.meta.url))) ||
  name.includes("a real Kafka broker (skipped: ");

const passed = withStatus("passed").length;
const skipped = withStatus("skipped", "pending", "todo", "disabled");
const problems = withStatus("failed").map(({ name }) => `failed: ${name}`);
for (const { name } of skipped) {
  if (mayBeSkipped(name)) console.log(`skipped: ${name}`);
  else problems.push(`skipped, but must run here: ${name}`);
}
if (checked !== "0") problems.push("failed: npm run check");
if (tortured !== "0") problems.push("failed: npm run torture");
if (tested !== "0" && withStatus("failed").length === 0) problems.push("failed: npm test");
if (passed === 0) problems.push("failed: no test ran");

for (const problem of problems) console.log(problem);
console.log(`${passed + (tortured === "0" ? 1 : 0)} passed, ${problems.length} failed`);
process.exit(problems.length === 0 ? 0 : 1);
