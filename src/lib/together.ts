/** Answers a question; it may be asked together with others. */
export type Ask<Q, A> = (question: Q) => Promise<A>;

export interface TogetherOptions {
  /** Questions in one round. */
  readonly most: number;
  /** After which a round is late. Default: none ever is. */
  readonly lateMs?: number;
}

/** Rounds at a time, a late one included. */
const MOST_ROUNDS = 2;

interface Waiting<Q, A> {
  readonly question: Q;
  /** Rounds that it was in, or is to be in. */
  tries: number;
  failures: number;
  isAnswered: boolean;
  resolve(answer: A): void;
  reject(error: unknown): void;
}

/**
 * Asks one round of questions at a time: those that come meanwhile go together in the next one. So each is asked after it
 * came. A round that is late holds up nobody: its questions are asked once more, with those that came meanwhile, and
 * whichever answer comes first counts.
 */
export function together<Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
  { most, lateMs }: TogetherOptions,
): Ask<Q, A> {
  let waiting: Waiting<Q, A>[] = [];
  let isAsking = false;
  const underWay = new Set<Promise<void>>();

  async function askRounds(): Promise<void> {
    isAsking = true;
    // For those that come in the same turn of the event loop.
    await null;
    while (waiting.length > 0) {
      const round = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const asked: Promise<void> = askRound(round).finally(() => underWay.delete(asked));
      underWay.add(asked);
      if (lateMs === undefined) await asked;
      else if (await isLate(asked, lateMs)) {
        const again = round.filter(({ tries }) => tries === 1);
        for (const each of again) each.tries++;
        waiting.unshift(...again);
        if (underWay.size === MOST_ROUNDS) await Promise.race(underWay);
        waiting = waiting.filter(({ isAnswered }) => !isAnswered);
      }
    }
    isAsking = false;
  }

  async function askRound(round: readonly Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await askAll(round.map(({ question }) => question));
      for (const [index, each] of round.entries()) {
        each.isAnswered = true;
        each.resolve(answers[index] as A);
      }
    } catch (error) {
      for (const each of round) if (++each.failures === each.tries) each.reject(error);
    }
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, tries: 1, failures: 0, isAnswered: false, resolve, reject });
      if (!isAsking) void askRounds();
    });
}

/** Whether `work` takes longer. If it was this process that stood still, what has come meanwhile is read first. */
async function isLate(work: Promise<void>, lateMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve, true), lateMs);
  });
  const isInTime = work.then(() => false);
  return Promise.race([isInTime, late]).finally(() => clearTimeout(timer));
}
