import { allocate } from "./allocate.js";
import type { Destination, Target } from "./ast.js";
import { type Context, requireFeature } from "./context.js";
import { accountOf, amountOf } from "./evaluate.js";
import { least, positive } from "./integers.js";
import { post } from "./post.js";
import { dequeue, giveBack } from "./queue.js";

type DestinationOf<Kind extends Destination["kind"]> = Extract<
  Destination,
  { readonly kind: Kind }
>;

/** Gives the next `amount` in line, taken of `asset`, to `destination`. */
export function give(
  context: Context,
  destination: Destination,
  asset: string,
  amount: bigint,
): void {
  const { span } = destination;
  switch (destination.kind) {
    case "account": {
      const account = accountOf(context, destination.account);
      for (const { account: source, asset: colored, amount: part } of dequeue(context, amount)) {
        post(context, { source, destination: account, asset: colored, amount: part }, span);
      }
      return;
    }
    case "allotment": {
      const shares = allocate(context, destination.clauses, amount, span);
      for (const [index, { target }] of destination.clauses.entries()) {
        giveTo(context, target, asset, shares[index] ?? 0n);
      }
      return;
    }
    case "ordered":
      giveInOrder(context, destination, asset, amount);
      return;
    case "oneof": {
      requireFeature(context, "experimental-oneof", span);
      const fitting = destination.caps.find(({ cap }) => amountOf(context, cap, asset) >= amount);
      giveTo(context, fitting?.target ?? destination.remaining, asset, amount);
    }
  }
}

function giveInOrder(
  context: Context,
  { caps, remaining }: DestinationOf<"ordered" | "oneof">,
  asset: string,
  amount: bigint,
): void {
  let left = amount;
  for (const { cap, target } of caps) {
    if (left === 0n) return;
    const part = least(left, positive(amountOf(context, cap, asset)));
    if (part > 0n) giveTo(context, target, asset, part);
    left -= part;
  }
  if (left > 0n) giveTo(context, remaining, asset, left);
}

function giveTo(context: Context, target: Target, asset: string, amount: bigint): void {
  if (target !== "kept") give(context, target, asset, amount);
  else if (context.input.kept === "interpreter") giveBack(context, dequeue(context, amount));
  // The machine's way is to leave kept money at the head of the line. What is in line at the end goes back.
}
