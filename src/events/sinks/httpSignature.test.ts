import { expect, test } from "vitest";
import { signatureHeaders, signingKey } from "./httpSignature.js";

test("signs as the published example of Standard Webhooks does", () => {
  const key = signingKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' };
  expect(signatureHeaders(key, message, 1614265330)).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("takes a secret without a prefix as it is", () => {
  expect(signingKey("plain words, long enough").toString()).toBe("plain words, long enough");
});
