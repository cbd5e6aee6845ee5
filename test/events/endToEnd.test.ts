import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/app.js";
import { eventually } from "../support/eventually.js";
import { hasNatsServer, startNats } from "../support/natsServer.js";
import { startReceiver } from "../support/receiver.js";

const SECRET = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;

async function pay({ url, token }: TestApp, ledger: string): Promise<void> {
  const posting = { source: "world", destination: "users:1", asset: "COIN", amount: 1 };
  const response = await fetch(`${url}/api/ledger/${ledger}/transactions`, {
    method: "POST",
    headers: { authorization: `Bearer ${await token()}` },
    body: JSON.stringify({ postings: [posting] }),
  });
  expect(response.ok).toBe(true);
}

test.skipIf(!hasNatsServer)(
  "a broker that is down hinders neither the start nor a write, and gets all when it is up",
  async () => {
    const nats = await startNats();
    await nats.signal("SIGKILL");
    const receiver = await startReceiver();
    const app = await startTestApp({
      EVENTS_NATS_URL: `nats://${nats.host}`,
      EVENTS_HTTP_URL: receiver.url,
      EVENTS_HTTP_SECRET: SECRET,
      EVENTS_TOPIC_MAPPING: "COMMITTED_TRANSACTIONS:payments.committed",
    });
    for (let round = 0; round < 3; round++) {
      await pay(app, "one");
      await pay(app, "two");
    }
    await eventually(() => expect(receiver.deliveries).toHaveLength(6));
    await nats.start();
    await eventually(async () => {
      const stored = await nats.stored("florin");
      for (const name of ["one", "two"]) {
        const own = stored.filter(({ id }) => id.startsWith(`${name}:`));
        expect(own.map(({ id, subject }) => [id, subject])).toEqual(
          [0, 1, 2].map((log) => [`${name}:${log}:COMMITTED_TRANSACTIONS`, "payments.committed"]),
        );
      }
      const bodies = stored.map(({ body }) => body);
      expect(bodies.sort()).toEqual(receiver.deliveries.map(({ body }) => body).sort());
    }, 30_000);
    await app.stop();
  },
  60_000,
);

test("the guide's receiver takes what we sign, and nothing else", async () => {
  const receiver = await startReceiver();
  const app = await startTestApp({ EVENTS_HTTP_URL: receiver.url, EVENTS_HTTP_SECRET: SECRET });
  await pay(app, "main");
  const [delivery] = await eventually(() => {
    expect(receiver.deliveries).toHaveLength(1);
    return receiver.deliveries;
  });
  const guide = await readFile(new URL("../../docs/events.md", import.meta.url), "utf8");
  const [, example = ""] = /<!-- runnable: verify -->\n```js\n(.*?)```/s.exec(guide) ?? [];
  const { isOurs } = await import(`data:text/javascript,${encodeURIComponent(example)}`);
  if (delivery === undefined) throw new Error("nothing came");
  const { headers, body } = delivery;
  expect(isOurs(SECRET, headers, body)).toBe(true);
  expect(isOurs(SECRET, headers, `${body} `)).toBe(false);
  expect(isOurs(SECRET.replace("B", "C"), headers, body)).toBe(false);
  const anHourAgo = String(Number(headers["webhook-timestamp"]) - 3600);
  expect(isOurs(SECRET, { ...headers, "webhook-timestamp": anHourAgo }, body)).toBe(false);
  expect(isOurs(SECRET, { ...headers, "webhook-signature": "" }, body)).toBe(false);
});

test("metrics of events are among the others", async () => {
  const receiver = await startReceiver();
  const app = await startTestApp({ EVENTS_HTTP_URL: receiver.url, EVENTS_HTTP_SECRET: SECRET });
  await pay(app, "main");
  await eventually(async () => {
    const response = await fetch(`${app.url}/metrics`, {
      headers: { authorization: `Bearer ${await app.token()}` },
    });
    const page = await response.text();
    expect(page).toContain(
      'florin_events_published_total{sink="http",type="COMMITTED_TRANSACTIONS"} 1\n',
    );
    expect(page).toContain('florin_events_lag_seconds{sink="http"} 0\n');
    expect(page).toContain('florin_events_dead_letters{sink="http"} 0\n');
  });
});
