export interface StripeConfig {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly pollingMs: number;
  /** What Stripe allows: 1 to 100. */
  readonly pageSize: number;
}
