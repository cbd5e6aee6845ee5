import { expect, test } from "vitest";
import { parseBrokers, parseNatsUrls, parseReceiver, parseSigningSecret } from "./targets.js";

test("NATS is reached by one or more URLs, with a login or a token in them", () => {
  const urls = ["nats://n1", "tls://user:pass@n2:4222", "nats://token@[::1]:4222"];
  expect(parseNatsUrls(urls.join(" , "))).toEqual(urls);
});

test.each(["n1:4222", "http://n1", "nats://", "nats://n1,", "nats://n1/path", "nats://n1?a=b"])(
  "refuses %j as servers of NATS",
  (text) => {
    expect(parseNatsUrls(text)).toBeNull();
  },
);

test("Kafka is reached by hosts with their ports", () => {
  expect(parseBrokers("k1:9092, 10.0.0.2:9093,[::1]:9092")).toEqual([
    "k1:9092",
    "10.0.0.2:9093",
    "[::1]:9092",
  ]);
});

test.each(["k1", "k1:", "k1:9092,", "kafka://k1:9092", "user:pass@k1:9092"])(
  "refuses %j as brokers of Kafka",
  (text) => {
    expect(parseBrokers(text)).toBeNull();
  },
);

test.each([
  "app.example.com",
  "ftp://app.example.com",
  "https://a:b@app.example.com",
  "http://a#b",
])("refuses %j as a receiver", (text) => {
  expect(parseReceiver(text)).toBeNull();
});

const secret = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;

test("a secret is 24 bytes in base64 after whsec_, or as many characters", () => {
  for (const good of [secret(24), secret(64), "x".repeat(24)]) {
    expect(parseSigningSecret(good)).toBe(good);
  }
});

test.each([secret(23), "x".repeat(23), "whsec_", `${secret(24)}!`, `whsec_${"-".repeat(40)}`])(
  "refuses to sign with %j",
  (text) => {
    expect(parseSigningSecret(text)).toBeNull();
  },
);
