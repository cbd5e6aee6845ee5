import { type Calls, prepareCalls } from "./calls.js";
import { ceiling } from "./ceiling.js";
import { commits } from "./commits.js";
import { inTransactions, load, type Outcome } from "./load.js";
import { type Caller, loadStream, loadUnary } from "./loadGrpc.js";
import { loadOpenRest, type OpenOutcome } from "./openLoad.js";
import { loadOpenUnary } from "./openLoadGrpc.js";

/** A load, in a form that can be sent to the process that makes it. */
export type Job =
  | { readonly kind: "ceiling" }
  | { readonly kind: "commits"; readonly connections: number }
  | {
      readonly kind: "rest";
      readonly calls: Calls;
      readonly ledgers: readonly string[];
      readonly connections: number;
      /** Ends it before its time. */
      readonly mostCalls?: number;
    }
  | {
      readonly kind: "unary";
      readonly ledger: string;
      readonly inFlight: number;
      readonly by: Caller;
    }
  | { readonly kind: "stream"; readonly ledger: string; readonly inFlight: number };

/** A load of so many calls for each second, whatever is answered. */
export type OpenJob =
  | {
      readonly kind: "open rest";
      readonly calls: Calls;
      readonly ledgers: readonly string[];
      readonly rate: number;
    }
  | { readonly kind: "open unary"; readonly ledger: string; readonly rate: number };

/** What the load is put on. */
export interface Target {
  readonly port: number;
  readonly token: string;
  /** Of the database. */
  readonly url: string;
}

export interface Order<J = Job> {
  readonly job: J;
  readonly target: Target;
  readonly seconds: number;
}

/** Carries out `job`; its rate is one of transactions, or of calls that are reads. */
export async function run({ job, target, seconds }: Order): Promise<Outcome> {
  switch (job.kind) {
    case "ceiling":
      return ceiling(target.url, seconds);
    case "commits":
      return commits(target.url, job.connections, seconds);
    case "unary":
      return loadUnary({ ...job, ...target, seconds });
    case "stream":
      return loadStream({ ...job, ...target, seconds });
    case "rest": {
      const { request, weight } = prepareCalls(job.calls, job.ledgers, target.token);
      return inTransactions(await load({ ...job, ...target, request, seconds }), weight);
    }
  }
}

export async function runOpen({ job, target, seconds }: Order<OpenJob>): Promise<OpenOutcome> {
  if (job.kind === "open unary") return loadOpenUnary({ ...job, ...target, seconds });
  const { request } = prepareCalls(job.calls, job.ledgers, target.token);
  return loadOpenRest({ ...job, ...target, request, seconds });
}
