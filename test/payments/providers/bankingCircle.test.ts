import { expect, test, vi } from "vitest";
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
import { expectRefusals, installed } from "./installs.js";
import { eventually, expectSilence, numbered, startKillableStage } from "./stage.js";

vi.setConfig({ testTimeout: 180_000 });

const configOf = ({ url }: BankingCircle, changes: object = {}) => ({
  ...{ username: "user-1", password: "password-of-user-1" },
  ...{ endpoint: url, authorizationEndpoint: `${url}/`, pollingPeriod: "300ms" },
  ...{ userCertificate, userCertificateKey },
  ...changes,
});

/** Whom to trust a process reads only once, so each has a process of its own. */
const startFor = ({ url }: BankingCircle) =>
  startKillableStage("BANKING-CIRCLE", {
    BANKING_CIRCLE_API_URL: url,
    NODE_EXTRA_CA_CERTS: authority,
  });

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
  // What had no reference goes by its own id for ever; and who comes first of equals is as it was before.
  const late = provider.payments.find(({ paymentId }) => paymentId === "b");
  if (late) late.transactionReference = "late";
  provider.payments.splice(202, 0, ...provider.payments.splice(-1));
  await eventually(async () =>
    expect(await stage.payments()).toEqual([
      "a0000 PAY-IN FAILED 8725 8725 EUR/2 FAILED:8725",
      ...before.slice(1),
    ]),
  );
  await eventually(() =>
    expect(stage.told().slice(332).sort()).toEqual(["a0000 FAILED 8725", "b PENDING 8725"]),
  );
  const changed = pollsOf(provider);
  await expectSilence(stage.told, () => pollsOf(provider) >= changed + 2);
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

test("credentials that are refused, or a certificate that is missed, are a clear error", async () => {
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
  // They are not sent again and again.
  const polls = await stage.polls(4);
  expect(loginsAt(provider)).toBeLessThan(polls);
  expect(provider.seen).toHaveLength(loginsAt(provider));

  await stage.call("DELETE", "/connectors/BANKING-CIRCLE");
  const before = provider.seen.length;
  await stage.install(configOf(provider, { userCertificate: "", userCertificateKey: "" }));
  await eventually(async () =>
    expect(await stage.tasks()).toContainEqual(
      expect.stringMatching(
        /^fetch-payments FAILED GET .*\/authorize: .*(certificate|alert|reset)/,
      ),
    ),
  );
  expect(provider.seen).toHaveLength(before);
});

const GOOD = {
  ...{ username: "u", password: "p", endpoint: "https://www.bankingcircleconnect.com" },
  authorizationEndpoint: "https://authorization.bankingcircleconnect.com",
  ...{ userCertificate, userCertificateKey },
};

test("refuses to be installed without what it needs, for another host, or with another's key", async () => {
  await expectRefusals("BANKING-CIRCLE", GOOD, [
    ["missing username from config", { username: "", password: "" }],
    ["missing password from config", { password: "", endpoint: "" }],
    ["missing endpoint from config", { endpoint: "", authorizationEndpoint: "" }],
    ["missing authorization endpoint from config", { authorizationEndpoint: "" }],
    ["missing user certificate from config", { userCertificate: "" }],
    ["missing user certificate passphrase from config", { userCertificateKey: "" }],
    [
      "endpoint must be at https://www.bankingcircleconnect.com or https://sandbox.bankingcircleconnect.com",
      { endpoint: "https://127.0.0.1" },
    ],
    [
      "authorizationEndpoint must be at https://authorization.bankingcircleconnect.com or https://authorizationsandbox.bankingcircleconnect.com",
      { authorizationEndpoint: GOOD.endpoint },
    ],
    ["userCertificate is no certificate (PEM)", { userCertificate: "nonsense" }],
    [
      "userCertificate must not hold a private key",
      { userCertificate: `${userCertificate}${userCertificateKey}` },
    ],
    ["userCertificateKey is no private key (PEM, unencrypted)", { userCertificateKey: "nonsense" }],
    ["userCertificateKey is not the key of userCertificate", { userCertificateKey: otherKey }],
  ]);
});

test("it is configured and shown as documented, its secrets masked, and begins with its main task", async () => {
  const local = { endpoint: "https://127.0.0.1:9", authorizationEndpoint: "https://127.0.0.1:9" };
  const config = { ...GOOD, ...local };
  const variables = { BANKING_CIRCLE_API_URL: "https://127.0.0.1:9" };
  const { template, shown, tasks } = await installed("BANKING-CIRCLE", config, variables);
  expect(template).toEqual({
    username: { dataType: "string", required: true },
    password: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: true },
    authorizationEndpoint: { dataType: "string", required: true },
    userCertificate: { dataType: "long string", required: false },
    userCertificateKey: { dataType: "long string", required: false },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  expect(shown).toEqual({
    ...{ ...config, provider: "Bankingcircle", name: "BANKING-CIRCLE" },
    ...{ password: "***", userCertificateKey: "***", pollingPeriod: "2m0s" },
  });
  expect(tasks).toContain('{"name":"Main task to periodically fetch payments","key":"main"}');
});
