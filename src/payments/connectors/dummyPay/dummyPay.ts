import { fail, ok } from "../../../lib/result.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { directoryBelow, generateFile, readChanged, readFile, removeFiles } from "./files.js";
import { randomPayment, toPayment } from "./payment.js";

export interface DummyPayConfig {
  /** Absolute, and below `root`. */
  readonly directory: string;
  readonly root: string;
  readonly pollingMs: number;
  readonly generationMs: number;
}

interface DummyPayTask extends Descriptor {
  readonly key: "read-files" | "generate-files" | "ingest";
  readonly fileName: string;
}

type Routine = TaskRoutine<DummyPayConfig, DummyPayTask>;

const SECOND_NS = 1_000_000_000n;

/** Files in a directory: a provider to try things with. It makes payments up, and takes those that are put there. */
export const dummyPay: Connector<DummyPayConfig, DummyPayTask> = {
  provider: "DUMMY-PAY",
  fields: [
    {
      ...{ name: "directory", kind: "string", isRequired: true },
      complaint: "missing directory to watch",
    },
    {
      ...{ name: "filePollingPeriod", kind: "duration ns", isRequired: true },
      fallback: 10n * SECOND_NS,
      complaint: "filePollingPeriod must be greater than 0: file polling period is invalid",
    },
    {
      ...{ name: "fileGenerationPeriod", kind: "duration ns", isRequired: false },
      fallback: 5n * SECOND_NS,
      complaint: "fileGenerationPeriod must be greater than 0: file generation period is invalid",
    },
  ],
  parse(values, { filesRoot: root }) {
    const directory = directoryBelow(root, String(values["directory"]));
    if (directory === null) return fail(`directory must lie below ${root}`);
    const pollingMs = toMs(values["filePollingPeriod"]);
    return ok({ directory, root, pollingMs, generationMs: toMs(values["fileGenerationPeriod"]) });
  },
  maxTasks: 10,
  first: () => [
    { name: "Read Files from directory", key: "read-files", fileName: "" },
    { name: "Generate files into a directory", key: "generate-files", fileName: "" },
  ],
  taskOf: ({ key }) => ROUTINES[key],
  remove: (config) => removeFiles(config),
};

const ROUTINES: Readonly<Record<DummyPayTask["key"], Routine>> = {
  "read-files": {
    every: ({ pollingMs }) => pollingMs,
    /** State: until when it has seen all files. A file that changes is ingested anew. */
    async *run({ config, state }) {
      const { seenUntil = 0 } = (state ?? {}) as { seenUntil?: number };
      const { names, until } = await readChanged(config, seenUntil);
      yield { spawn: names.map(ingest), state: { seenUntil: until } };
    },
  },
  "generate-files": {
    every: ({ generationMs }) => generationMs,
    restsFirst: true,
    async *run({ config, clock }) {
      await generateFile(config, randomPayment(clock(), Math.random));
      yield {};
    },
  },
  ingest: {
    every: () => null,
    async *run({ config, descriptor }) {
      const text = await readFile(config, descriptor.fileName);
      // A file that is gone has nothing more to tell.
      if (text === null) return;
      const payment = toPayment(text);
      yield payment.ok
        ? { payments: [payment.value] }
        : { problems: [`${descriptor.fileName}: ${payment.failure}`] };
    },
  },
};

const ingest = (fileName: string): DummyPayTask => ({
  ...{ name: "Ingest payments from read files", key: "ingest", fileName },
});

const toMs = (nanoseconds: string | bigint | undefined): number => Number(nanoseconds) / 1e6;
