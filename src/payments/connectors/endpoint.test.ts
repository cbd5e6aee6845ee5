import { expect, test } from "vitest";
import { fail, ok } from "../../lib/result.js";
import { endpointOf } from "./endpoint.js";

const hosts = ["api.example.com", "sandbox.example.com"];
const usual = "https://sandbox.example.com/v1";
const apiUrl = "http://10.0.0.7:8080/provider";

test("who names no endpoint is sent where the operator says, else to the usual one", () => {
  expect(endpointOf("", { usual, hosts, apiUrl: null })).toEqual(ok(usual));
  expect(endpointOf("", { usual, hosts, apiUrl })).toEqual(ok(apiUrl));
});

test.each([
  ["https://api.example.com/", "https://api.example.com"],
  ["https://API.example.com:443/v2//", "https://api.example.com/v2"],
  ["https://api.example.com/v1/../../v2", "https://api.example.com/v2"],
  [apiUrl, apiUrl],
  [`${apiUrl}/sub/`, `${apiUrl}/sub`],
])("%s is allowed", (given, base) => {
  expect(endpointOf(given, { usual, hosts, apiUrl })).toEqual(ok(base));
});

test.each([
  "http://api.example.com",
  "https://api.example.com:8443",
  "https://api.example.com.evil.org",
  "https://api.example.com@evil.org",
  "https://evil.org\\@api.example.com",
  "https://api.example.com.",
  "https://api.example.com%00.evil.org",
  "https://аpi.example.com",
  "//api.example.com",
  "https://evil.org/api.example.com",
  "http://169.254.169.254/latest",
  "http://10.0.0.7:8080",
  "http://10.0.0.7:8080.evil.org/provider",
  "http://10.0.0.7:8080@evil.org/provider",
  "http://10.0.0.7/provider",
  "https://10.0.0.7:8080/provider",
  "http://10.0.0.7:8080/provider/../admin",
  "http://10.0.0.7:8080/provider/%2e%2e/admin",
  "http://10.0.0.7:8080/provider/..%2fadmin",
  "http://10.0.0.7:8080/provider/..%5Cadmin",
  "http://10.0.0.7:8080/provider2",
  "http://user@api.example.com",
  "https://:password@api.example.com",
  "https://api.example.com/?x=1",
  "https://api.example.com/#x",
  "HTTP://10.0.0.7:8080/Provider",
  "file:///etc/passwd",
  "nonsense",
])("%s is refused", (given) => {
  expect(endpointOf(given, { usual, hosts, apiUrl })).toMatchObject({
    ok: false,
    failure: expect.stringMatching(/^endpoint must be /),
  });
});

test("it is called what callers call it, and asked for where there is no usual one", () => {
  const allowed = { name: "loginEndpoint", hosts, apiUrl };
  const failure = "loginEndpoint must be a URL, without a query or credentials";
  expect(endpointOf("", allowed)).toEqual(fail(failure));
  expect(endpointOf("https://evil.org", allowed)).toEqual(
    fail("loginEndpoint must be at https://api.example.com or https://sandbox.example.com"),
  );
});
