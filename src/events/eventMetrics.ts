import { Counter, Gauge, type Registry } from "prom-client";
import type { Db } from "../db/database.js";
import type { Message } from "./message.js";
import type { Outlet } from "./outlet.js";
import { type Measure, measure } from "./store/discovery.js";

/** What is measured about events. */
export interface EventMetrics {
  readonly published: Counter<"sink" | "type">;
  readonly failures: Counter<"sink">;
}

/** Adds the metrics of events to `registry`. The gauges ask the database when they are read, for all processes. */
export function createEventMetrics(
  registry: Registry,
  db: Db,
  outlets: readonly Outlet[],
): EventMetrics {
  const registers = [registry];
  const sinks = outlets.map(({ sink }) => sink.name);
  const gauge = (name: string, help: string, value: (measure: Measure) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["sink"],
      registers,
      async collect() {
        this.reset();
        // Without the database, the other metrics are still worth reading.
        const measures = await measure(db, sinks).catch(() => []);
        for (const each of measures) this.set({ sink: each.sink }, value(each));
      },
    });
  gauge(
    "florin_events_lag_seconds",
    "Age of the oldest event that the sink has not got, in any ledger; 0 if it has all.",
    ({ lagSeconds }) => lagSeconds,
  );
  gauge(
    "florin_events_dead_letters",
    "Events that the sink would not take.",
    ({ deadLetters }) => deadLetters,
  );
  return {
    published: new Counter({
      name: "florin_events_published_total",
      help: "Events that a sink has taken from this process.",
      labelNames: ["sink", "type"],
      registers,
    }),
    failures: new Counter({
      name: "florin_events_failures_total",
      help: "Attempts to publish that a sink has refused or not answered.",
      labelNames: ["sink"],
      registers,
    }),
  };
}

export function countPublished(
  { published }: EventMetrics,
  sink: string,
  messages: readonly Message[],
): void {
  for (const { type } of messages) published.inc({ sink, type });
}
