import type { Json } from "../../lib/parseJson.js";
import type { Result } from "../../lib/result.js";
import type { Clock } from "../../lib/time.js";
import type { ConfigField, ConfigValues } from "../domain/config.js";
import type { Told, ToldAccount, ToldAdjustment } from "../domain/payment.js";
import type { DirectTransfer, TransferOrder, TransferProgress } from "../domain/transfer.js";

/**
 * A provider: how it is configured, and what is to be done again and again to hear of its payments. It speaks to the
 * provider and knows nothing of our database.
 */
export interface Connector<Config, Task extends Descriptor> {
  /** As in REST: "DUMMY-PAY". */
  readonly provider: string;
  /** In the order in which they are checked. */
  readonly fields: readonly ConfigField[];
  /** The configuration that tasks work with; else what is wrong with it. Asks nobody. */
  parse(values: ConfigValues, settings: Settings): Result<Config, string>;
  /** How many tasks run at a time, in all processes together. */
  readonly maxTasks: number;
  /** How it speaks to its provider; absent: not by HTTP. */
  http?(config: Config): HttpTarget;
  /** What is scheduled when it is installed. */
  first(config: Config): readonly Task[];
  /** How to do what a descriptor says. */
  taskOf(descriptor: Task): TaskRoutine<Config, Task>;
  /** How it sends money; absent: it does not. */
  readonly transfers?: {
    /** What is wrong with a transfer, if anything is. Asks nobody. */
    check(transfer: TransferOrder): Result<null, string>;
    /** The task that makes this transfer and follows it to its final status. */
    taskFor(transfer: TransferOrder): Task;
    /**
     * Makes a transfer while the caller waits, or finds it if an earlier attempt may have made it. What the provider says
     * of it, or why it refuses, as JSON texts; throws while nobody knows. Absent: it does not.
     */
    sendNow?(
      access: { readonly config: Config; readonly http: Http },
      transfer: DirectTransfer,
      isRepeat: boolean,
    ): Promise<Result<string, string>>;
  };
  /** Tidies up behind it when it is uninstalled or reset. May be called twice, and while others still work. */
  remove?(config: Config): Promise<void>;
}

/** A connector of whatever kind, for those who only pass on what is its own. */
// biome-ignore lint/suspicious/noExplicitAny: the parts of one connector fit one another.
export type AnyConnector = Connector<any, any>;

/** What the operator allows all connectors of a kind. */
export interface Settings {
  /** Where the operator says that the provider is, e.g. a sandbox; null: at its own address. */
  readonly apiUrl: string | null;
  /** The folder below which connectors may use files. Absolute. */
  readonly filesRoot: string;
}

/** Says what a task does. Its JSON text is the task's identity, so the order of its keys counts. */
export interface Descriptor {
  readonly name: string;
}

export interface TaskRoutine<Config, Task extends Descriptor> {
  /** How long it rests between two runs, in milliseconds; null: it runs once, whenever it is spawned. */
  every(config: Config): number | null;
  /** Whether it rests before its first run too. */
  readonly restsFirst?: boolean;
  /**
   * One run. Each page is committed before the next is asked for; a run that breaks off goes on, later, with the state
   * of the last page that was committed. So a page may be brought twice, which is harmless.
   */
  run(context: TaskContext<Config, Task>): AsyncGenerator<Page<Task>>;
}

export interface TaskContext<Config, Task> {
  readonly config: Config;
  readonly descriptor: Task;
  /** What the last page that had one has left; undefined at first. */
  readonly state: unknown;
  readonly clock: Clock;
  /** Aborts when the run must end. */
  readonly signal: AbortSignal;
  /** Speaks to the provider; only for connectors that say how. */
  readonly http: Http;
  /** A transfer that was asked of this installation; null if it is gone. */
  findTransfer(id: string): Promise<TransferOrder | null>;
}

/** Something that was heard of, all of it committed at once. */
export interface Page<Task> {
  readonly payments?: readonly Told[];
  readonly accounts?: readonly ToldAccount[];
  readonly adjustments?: readonly ToldAdjustment[];
  /** What became of a transfer. Its task ends with the first final status, which nothing changes any more. */
  readonly transfer?: TransferProgress;
  /** Items that mean nothing to us, and why: they show in the task's error, the others are stored. */
  readonly problems?: readonly string[];
  /** Tasks to run at once; those that run already are left alone. */
  readonly spawn?: readonly Task[];
  /** How far the task has come, as what JSON can say; absent: as far as before. */
  readonly state?: object;
}

type Headers = Readonly<Record<string, string>>;

/** Where a provider is, and how much it can bear. */
export interface HttpTarget {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Other origins that it speaks to, e.g. where it logs in. */
  readonly alsoAt?: readonly string[];
  /** Requests in one second, of this process. Default 20. */
  readonly perSecond?: number;
  /** Requests at a time, of this process. Default 4. */
  readonly atOnce?: number;
  /** How long it wants to be left alone after too many requests, if it does not say. Default: we back off. */
  readonly tooManyRestsMs?: number;
  /** Sent with each attempt, and called for each, where no two may be alike. */
  readonly headers?: () => Headers;
  /** Our certificate, where the provider asks for one (PEM). */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** How to log in, for providers that ask for it; sent once for all requests of a while. */
  readonly logIn?: (http: Http) => Promise<Session>;
  /** How long nobody logs in after a login was refused: accounts are locked after a few. Default 10 s. */
  readonly refusedLoginRestsMs?: number;
}

/** What a provider has let us in with. */
export interface Session {
  /** Sent with each request. */
  readonly headers: Headers;
  /** How long it is good for; absent: until the provider refuses it. */
  readonly seconds?: number;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT";
  /** Below the base URL, query included; or a whole URL, of that origin or of another one that the target names. */
  readonly path: string;
  readonly headers?: Headers;
  readonly body?: string;
  /** Whether to send it again after a fault that may have come too late. Default: GET alone. */
  readonly isRepeatable?: boolean;
  /** What an answer says itself of sending the request again; null if it says nothing. */
  saysToRepeat?(answer: HttpAnswer): boolean | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Http {
  /** The answer to `request`, if it is a 2xx; else `ProviderError`. Repeats what is worth it. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The JSON that `request` is answered, and its text. */
  json(request: HttpRequest): Promise<{ readonly value: Json; readonly answer: HttpAnswer }>;
}

/** The provider did not do what was asked. The message is shown to callers: it names no secret. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  /** Of its answer; null if there was none. */
  readonly status: number | null;
  /** What it answered. */
  readonly headers: HttpAnswer["headers"];
  readonly body: string;
  /** How long it does not want to hear of us; 0 if it does not say. */
  readonly retryAfterMs: number;

  constructor(
    message: string,
    {
      status = null,
      headers = {},
      body = "",
      retryAfterMs = 0,
      ...options
    }: ErrorOptions & { status?: number | null; retryAfterMs?: number } & Partial<
        Omit<HttpAnswer, "status">
      > = {},
  ) {
    super(message, options);
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }
}
