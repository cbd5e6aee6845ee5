import { type Clock, formatInstant, parseInstant } from "../../../lib/time.js";
import type { TransferOrder, TransferProgress } from "../../domain/transfer.js";
import type { Page } from "../connector.js";
import { isRefusal } from "../isRefusal.js";
import { type Funding, UNPAID, type WisePayer } from "./payer.js";

/** How far a transfer has come. Each step is written down before the next one is taken. */
export interface Steps {
  /** What it is to be made of. */
  readonly quote?: Quote;
  /** Wise's id of it. */
  readonly transfer?: string;
  /** When paying for it was last begun. */
  readonly payingSince?: string;
  /** What came of that. */
  readonly funding?: Funding;
}

/** What time it is, and how long Wise may need to say that a transfer is paid for. */
export interface Time {
  readonly clock: Clock;
  readonly patienceMs: number;
}

interface Quote {
  readonly id: string;
  readonly quotedAt: string;
}

/** Well within the half hour that Wise keeps it. */
const QUOTE_MICROS = 20n * 60_000_000n;

type Pages<T = void> = AsyncGenerator<Page<never>, T>;

/**
 * Makes a transfer and follows it to its end, as far as that is possible now. It may break off anywhere: nothing is paid
 * for but the one transfer that is written down, and that only while Wise says that nobody has.
 */
export async function* sendMoney(
  wise: WisePayer,
  order: TransferOrder,
  steps: Steps,
  time: Time,
): Pages {
  const transfer = steps.transfer ?? (yield* place(wise, order, steps.quote, time));
  if (transfer !== null) yield* payAndFollow(wise, order, { ...steps, transfer }, time);
}

/** Has Wise set the transfer up. Answers its id; null if Wise will not. */
async function* place(
  wise: WisePayer,
  order: TransferOrder,
  earlier: Quote | undefined,
  { clock }: Time,
): Pages<string | null> {
  try {
    if (!(await wise.hasProfile(order.source))) {
      yield failed(order, `there is no Wise profile ${order.source} that the API key can use`);
      return null;
    }
    let quote = earlier;
    if (quote === undefined || !isGood(quote, clock)) {
      quote = { id: await wise.quote(order), quotedAt: formatInstant(clock()) };
      yield { state: { quote } };
    }
    const transfer = await wise.create(order, quote.id);
    const progress = { id: order.id, status: "PENDING", reference: transfer } as const;
    yield { state: { transfer }, transfer: progress };
    return transfer;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    yield failed(order, error.message);
    return null;
  }
}

const isGood = ({ quotedAt }: Quote, clock: Clock): boolean =>
  clock() - (parseInstant(quotedAt) ?? 0n) < QUOTE_MICROS;

async function* payAndFollow(
  wise: WisePayer,
  order: TransferOrder,
  { transfer, payingSince, funding: known }: Steps & { readonly transfer: string },
  { clock, patienceMs }: Time,
): Pages {
  let funding = known;
  let status = await wise.statusOf(transfer);
  if (status === UNPAID) {
    if (funding === undefined) {
      const now = clock();
      // The answer was lost. Until Wise has had time to tell that it took the money, asking again might pay twice.
      if (now - (parseInstant(payingSince ?? "") ?? 0n) < BigInt(patienceMs) * 1000n) {
        yield { problems: [`it is not yet known whether transfer ${transfer} is paid for`] };
        return;
      }
      yield { state: { transfer, payingSince: formatInstant(now) } };
      funding = await wise.fund(order.source, transfer);
      yield { state: { transfer, funding } };
    }
    // Nobody is to pay later for what is told to have failed.
    if (funding.kind === "refused") await wise.cancel(transfer);
    status = await wise.statusOf(transfer);
  }
  const needsPerson = status === UNPAID && funding?.kind === "needs-person";
  yield {
    transfer: toProgress(order, status, funding),
    problems: needsPerson ? [askForPerson(transfer)] : [],
  };
}

const askForPerson = (transfer: string): string =>
  `Wise asks for strong customer authentication, which only a person can give: pay for transfer ${transfer} from the balance at wise.com, or cancel it there`;

const ENDS: ReadonlyMap<string, string> = new Map([
  ["cancelled", "it was cancelled at Wise"],
  ["funds_refunded", "Wise has paid the money back"],
  ["charged_back", "the money was charged back"],
]);

/** "bounced_back" is no end: Wise may still send the money again, and says so when it gives up. */
function toProgress(
  { id }: TransferOrder,
  status: string,
  funding: Funding | undefined,
): TransferProgress {
  if (status === "outgoing_payment_sent") return { id, status: "SUCCEEDED" };
  const end = ENDS.get(status);
  if (end === undefined) return { id, status: "PENDING" };
  return { id, status: "FAILED", error: funding?.kind === "refused" ? funding.reason : end };
}

const failed = ({ id }: TransferOrder, error: string): Page<never> => ({
  transfer: { id, status: "FAILED", error },
});
