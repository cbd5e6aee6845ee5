/** Answers a question; it may be asked together with others. */
export type Ask<Q, A> = (question: Q) => Promise<A>;

/**
 * Asks one round of questions at a time: those that come meanwhile go together in the next one, at most `most` of them. So
 * each is asked after it came.
 */
export function together<Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
  most: number,
): Ask<Q, A> {
  interface Waiting {
    readonly question: Q;
    resolve(answer: A): void;
    reject(error: unknown): void;
  }
  let waiting: Waiting[] = [];
  let isAsking = false;

  async function askRounds(): Promise<void> {
    isAsking = true;
    // For those that come in the same turn of the event loop.
    await null;
    while (waiting.length > 0) {
      const round = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const answers = await askAll(round.map(({ question }) => question));
        for (const [index, { resolve }] of round.entries()) resolve(answers[index] as A);
      } catch (error) {
        for (const { reject } of round) reject(error);
      }
    }
    isAsking = false;
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (!isAsking) void askRounds();
    });
}
