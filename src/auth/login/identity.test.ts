import { expect, test } from "vitest";
import { identityOf } from "./identity.js";

const ada = { iss: "https://login.example.com", sub: "ada" };

test("a person is an issuer and a subject, whatever else is known", () => {
  expect(identityOf(ada)).toEqual({
    issuer: "https://login.example.com",
    subject: "ada",
    email: "",
    isEmailVerified: false,
    authTime: null,
  });
});

test.each([
  ["the issuer", { sub: "ada" }],
  ["the subject", { iss: ada.iss }],
  ["a subject that is text", { ...ada, sub: 7 }],
  ["a subject that is not empty", { ...ada, sub: "" }],
  ["a subject of characters that can be stored and shown", { ...ada, sub: "ada\u0000" }],
])("nobody is named without %s", (_, claims) => {
  expect(identityOf(claims)).toBeNull();
});

test("the e-mail address is the ID token's, or else the one that UserInfo tells", () => {
  const inToken = { ...ada, email: "ada@example.com", email_verified: true };
  const more = { sub: "ada", email: "ada@example.org", email_verified: "true" };
  expect(identityOf(inToken, more)).toMatchObject({
    email: "ada@example.com",
    isEmailVerified: true,
  });
  expect(identityOf(ada, more)).toMatchObject({ email: "ada@example.org", isEmailVerified: true });
});

test("an address is verified only if it is there, and if its own source says so", () => {
  expect(identityOf(ada, { email_verified: true })).toMatchObject({ isEmailVerified: false });
  expect(identityOf({ ...ada, email_verified: true }, { email: "ada@example.org" })).toMatchObject({
    email: "ada@example.org",
    isEmailVerified: false,
  });
});

test.each(["ada", "ada@", "a da@example.com", "ada\u0000@example.com", "\ud800@example.com", 7])(
  "%j is no e-mail address",
  (email) => {
    expect(identityOf({ ...ada, email })).toMatchObject({ email: "" });
  },
);

test("an address of endless length is none", () => {
  const email = `${"a".repeat(400)}@example.com`;
  expect(identityOf({ ...ada, email })).toMatchObject({ email: "" });
});
