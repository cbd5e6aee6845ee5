/** Takes what will undo a step of the start; the stop runs them in reverse. */
export type OnStop = (undo: () => Promise<unknown>) => void;

/** Runs `use`, which may leave things to be undone; they are undone if it throws, and else by what it answers. */
export async function undoable<T>(
  use: (onStop: OnStop) => Promise<T>,
): Promise<{ value: T; stop(): Promise<void> }> {
  const undos: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const undo of undos.splice(0).reverse()) await undo();
  };
  try {
    return { value: await use((undo) => undos.push(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
