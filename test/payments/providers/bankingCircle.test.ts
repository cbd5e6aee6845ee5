import { expect, test, vi } from "vitest";
import { startPaymentsApp } from "../paymentsApp.js";
import {
  authority,
  type BankingCircle,
  otherKey,
  type Payment,
  startBankingCircle,
  userCertificate,
  userCertificateKey,
} from "./bankingCircle.js";
import type { Seen } from "./fakeProvider.js";
import { eventually, expectSilence, numbered, startStage } from "./stage.js";

vi.setConfig({ testTimeout: 180_000 });

const configOf = ({ url }: BankingCircle, changes: object = {}) => ({
  ...{ username: "user-1", password: "password-of-user-1" },
  ...{ endpoint: url, authorizationEndpoint: `${url}/`, pollingPeriod: "300ms" },
  ...{ userCertificate, userCertificateKey },
  ...changes,
});

const startFor = ({ url }: BankingCircle) =>
  startStage("BANKING-CIRCLE", { BANKING_CIRCLE_API_URL: url, NODE_EXTRA_CA_CERTS: authority });

const incoming = (reference: string, changes: Partial<Payment> = {}): Payment => ({
  ...{ paymentId: `id-of-${reference}`, transactionReference: reference },
  ...{ classification: "Incoming", status: "PendingProcessing" },
  transfer: { amount: { currency: "EUR", amount: 87.25 } },
  ...changes,
});

const loginsAt = ({ seen }: BankingCircle): number =>
  seen.filter(({ path }) => path.endsWith("/authorize")).length;
const pollsOf = ({ seen }: BankingCircle): number =>
  seen.filter(({ query }) => query.get("PageNumber") === "1").length;

test("all payments come in, whatever befalls, and their changes follow", async () => {
  const provider = await startBankingCircle();
  provider.payments.push(
    ...numbered(200, "a").map((reference) => incoming(reference)),
    incoming("", { paymentId: "b", classification: "Own" }),
    ...numbered(130, "c").map((it) => incoming(it, { classification: "Outgoing" })),
    incoming("c0129", { paymentId: "d", classification: "Outgoing" }),
  );
  provider.mishaps.push("slow", "fails", "too many", "slow", "cut off", "session over", "HTML");
  const stage = await startFor(provider);
  expect(await stage.install(configOf(provider))).toEqual({ status: 204, body: undefined });

  const before = [
    ...numbered(200, "a").map((it) => `${it} PAY-IN PENDING 8725 8725 EUR/2`),
    "b OTHER PENDING 8725 8725 EUR/2",
    ...numbered(130, "c").map((it) => `${it} PAYOUT PENDING 8725 8725 EUR/2`),
    "d PAYOUT PENDING 8725 8725 EUR/2",
  ];
  await eventually(async () => expect(await stage.payments()).toEqual(before));
  await eventually(() => expect(stage.told()).toHaveLength(332));
  expect(provider.mishaps).toEqual([]);
  const polls = pollsOf(provider);
  await expectSilence(stage.told, () => pollsOf(provider) >= polls + 2);
  expect(loginsAt(provider)).toBe(2);
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      expect.stringMatching(/^fetch-payments (ACTIVE|TERMINATED)$/),
      "main ACTIVE",
    ]),
  );

  const [first] = provider.payments;
  if (first) first.status = "Returned";
  await eventually(async () =>
    expect(await stage.payments()).toEqual([
      "a0000 PAY-IN FAILED 8725 8725 EUR/2 FAILED:8725",
      ...before.slice(1),
    ]),
  );
  await eventually(() => expect(stage.told().slice(332)).toEqual(["a0000 FAILED 8725"]));
});

test("a token that runs out is followed by another one", async () => {
  const provider = await startBankingCircle();
  // One second, as long as it is used.
  provider.seconds = 6;
  provider.payments.push(incoming("a"));
  const stage = await startFor(provider);
  await stage.install(configOf(provider));
  await eventually(() => expect(loginsAt(provider)).toBeGreaterThan(2));
  expect(pollsOf(provider)).toBeGreaterThan(loginsAt(provider));
  expect(await stage.payments()).toEqual(["a PAY-IN PENDING 8725 8725 EUR/2"]);
});

test("kill -9 in the middle of a page loses nothing and tells nothing twice", async () => {
  const provider = await startBankingCircle();
  provider.payments.push(...numbered(250).map((reference) => incoming(reference)));
  const isThirdPage = ({ query }: Seen) => query.get("PageNumber") === "3";
  const swallowed = provider.swallow(isThirdPage);
  const stage = await startFor(provider);
  await stage.install(configOf(provider));
  await swallowed;
  await stage.killAndRestart();
  await eventually(async () =>
    expect(await stage.payments()).toEqual(
      numbered(250).map((it) => `${it} PAY-IN PENDING 8725 8725 EUR/2`),
    ),
  );
  await eventually(() => expect(stage.told()).toHaveLength(250));
  const polls = pollsOf(provider);
  await expectSilence(stage.told, () => pollsOf(provider) >= polls + 2);
  expect(stage.told().sort()).toEqual(numbered(250).map((it) => `${it} PENDING 8725`));
});

test("credentials that are refused are a clear error, and not sent again and again", async () => {
  const provider = await startBankingCircle();
  provider.password = "another password";
  const stage = await startFor(provider);
  await stage.install(configOf(provider));
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      expect.stringMatching(/^fetch-payments FAILED GET .*\/authorize: answered 401$/),
      "main ACTIVE",
    ]),
  );
  const polls = await stage.polls(4);
  expect(loginsAt(provider)).toBeLessThan(polls);
  expect(provider.seen).toHaveLength(loginsAt(provider));
});

test("without a certificate of ours it works where none is asked for", async () => {
  const provider = await startBankingCircle({ asksForCertificate: false });
  provider.payments.push(incoming("a"));
  const stage = await startFor(provider);
  const bare = { userCertificate: "", userCertificateKey: "" };
  await stage.install(configOf(provider, bare));
  await eventually(async () =>
    expect(await stage.payments()).toEqual(["a PAY-IN PENDING 8725 8725 EUR/2"]),
  );
});

test("a certificate that is asked for and not given is a clear error", async () => {
  const provider = await startBankingCircle();
  const stage = await startFor(provider);
  await stage.install(configOf(provider, { userCertificate: "", userCertificateKey: "" }));
  await eventually(async () =>
    expect(await stage.tasks()).toContainEqual(
      expect.stringMatching(
        /^fetch-payments FAILED GET .*\/authorize: .*(certificate|alert|reset)/,
      ),
    ),
  );
  expect(provider.seen).toEqual([]);
});

const GOOD = {
  ...{ username: "u", password: "p", endpoint: "https://www.bankingcircleconnect.com" },
  authorizationEndpoint: "https://authorization.bankingcircleconnect.com",
  ...{ userCertificate, userCertificateKey },
};

test.each([
  ["missing username from config", { username: "", password: "" }],
  ["missing password from config", { password: "", endpoint: "" }],
  ["missing endpoint from config", { endpoint: "", authorizationEndpoint: "" }],
  ["missing authorization endpoint from config", { authorizationEndpoint: "" }],
  ["missing user certificate from config", { userCertificate: "" }],
  ["missing user certificate passphrase from config", { userCertificateKey: "" }],
  [/^endpoint must be one of https:/, { endpoint: "https://127.0.0.1" }],
  [/^authorizationEndpoint must be one of https:/, { authorizationEndpoint: GOOD.endpoint }],
  ["userCertificate is no certificate (PEM)", { userCertificate: "nonsense" }],
  ["userCertificateKey is no private key (PEM, unencrypted)", { userCertificateKey: "nonsense" }],
  ["userCertificateKey is not the key of userCertificate", { userCertificateKey: otherKey }],
])("refuses to install: %s", async (errorMessage, changes) => {
  const { call } = await startPaymentsApp();
  const { status, body } = await call("POST", "/connectors/BANKING-CIRCLE", {
    ...GOOD,
    ...changes,
  });
  expect(body.errorCode).toBe("VALIDATION");
  if (typeof errorMessage === "string") expect(body.errorMessage).toBe(errorMessage);
  else expect(body.errorMessage).toMatch(errorMessage);
  expect(status).toBe(400);
});

test("what it is configured by, and what it does first, is as documented; its secrets are masked", async () => {
  const { call } = await startPaymentsApp({ BANKING_CIRCLE_API_URL: "https://127.0.0.1:9" });
  expect((await call("GET", "/connectors/configs")).body.data["BANKING-CIRCLE"]).toEqual({
    username: { dataType: "string", required: true },
    password: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: true },
    authorizationEndpoint: { dataType: "string", required: true },
    userCertificate: { dataType: "long string", required: false },
    userCertificateKey: { dataType: "long string", required: false },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  const local = { endpoint: "https://127.0.0.1:9", authorizationEndpoint: "https://127.0.0.1:9" };
  const installed = await call("POST", "/connectors/BANKING-CIRCLE", { ...GOOD, ...local });
  expect(installed.status).toBe(204);
  expect((await call("GET", "/connectors/BANKING-CIRCLE/config")).body.data).toEqual({
    ...{ ...GOOD, ...local, provider: "Bankingcircle", name: "BANKING-CIRCLE" },
    ...{ password: "***", userCertificateKey: "***", pollingPeriod: "2m0s" },
  });
  const { body } = await call("GET", "/connectors/BANKING-CIRCLE/tasks");
  const texts = body.cursor.data.map(({ descriptor }: never) => JSON.stringify(descriptor));
  expect(texts).toContain('{"name":"Main task to periodically fetch payments","key":"main"}');
});
