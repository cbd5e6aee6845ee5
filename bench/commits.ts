import pg from "pg";
import { type Outcome, summarize } from "./load.js";

/** The floor of durable writes: rows inserted one by one into a table without indexes, each with a commit of its own. */
export async function commits(url: string, connections: number, seconds: number): Promise<Outcome> {
  const clients = Array.from({ length: connections }, () => new pg.Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  await clients[0]?.query("create table if not exists bench_commits (row text)");
  const row = "x".repeat(400);
  const latencies: number[] = [];
  const startedAt = performance.now();
  const run = async (client: pg.Client) => {
    while (performance.now() < startedAt + seconds * 1000) {
      const before = performance.now();
      await client.query({
        name: "bench",
        text: "insert into bench_commits values ($1)",
        values: [row],
      });
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(clients.map(run));
  const took = (performance.now() - startedAt) / 1000;
  await clients[0]?.query("drop table bench_commits");
  await Promise.all(clients.map((client) => client.end()));
  return summarize(latencies, took, 0);
}
