import { expect, test } from "vitest";
import { signedHeaders } from "./sign.js";

test.each([
  {
    apiKey: "key-for-tests",
    apiSecret: "secret-for-tests",
    date: "Mon, 10 Jul 2023 12:00:00 GMT",
    nonce: "11111111-2222-4333-8444-555555555555",
    signature: "TUtfnyWOgATeL2msdWt%2BlJ07X8M%3D",
  },
  {
    apiKey: "api_key",
    apiSecret: "api_secret",
    date: "2020-01-02 15:04:05 +0000 GMT",
    nonce: "nonce",
    signature: "9V8gi5Mp9MsL%2FO7mV6qZlBM9%2FRM%3D",
  },
])(
  "a request of $apiKey is signed as Modulr does",
  ({ date, nonce, signature, ...credentials }) => {
    expect(signedHeaders(credentials, { date, nonce })).toEqual({
      date,
      "x-mod-nonce": nonce,
      "x-mod-retry": "false",
      authorization: `Signature keyId="${credentials.apiKey}",algorithm="hmac-sha1",headers="date x-mod-nonce",signature="${signature}"`,
    });
  },
);
