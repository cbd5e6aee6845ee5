/** Where spans go, and which. */
export interface TracingConfig {
  readonly url: string;
  /** Sent with each export; they may hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long one export may take, with all its attempts. */
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
  /** Paths of PEM files. */
  readonly files: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
  /** What is said of this process. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: { readonly name: string; readonly ratio: number };
  /** Whether callers name traces, and those who are called are told of them. */
  readonly propagates: boolean;
  readonly queue: {
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
  };
}
