import type { Descriptor, TaskRoutine } from "./connector.js";

/** Has `task` run once in each polling period. */
export const spawnAgain = <Config extends { readonly pollingMs: number }, Task extends Descriptor>(
  task: Task,
): TaskRoutine<Config, Task> => ({
  every: ({ pollingMs }) => pollingMs,
  async *run() {
    yield { spawn: [task] };
  },
});
