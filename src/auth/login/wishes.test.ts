import { describe, expect, test } from "vitest";
import type { Interaction } from "../oidc/interaction.js";
import { wishesOf } from "./wishes.js";

const NOW = 1_700_000_000;

const wishes = (reasons: string[], params: Record<string, unknown> = {}) =>
  wishesOf(
    { params, prompt: { name: "login", reasons, details: {} } } as unknown as Interaction,
    NOW,
  );

test("whoever is not logged in may come as they are upstream", () => {
  expect(wishes(["no_session"])).toEqual({ parameters: {}, freshSince: null });
});

test("hints are handed on, and nothing else that the client sent", () => {
  const params = { login_hint: "ada", ui_locales: "de", client_id: "app", id_token_hint: "x" };
  expect(wishes(["no_session"], params).parameters).toEqual({
    login_hint: "ada",
    ui_locales: "de",
  });
});

describe("upstream has to ask the person again", () => {
  test.each([
    ["with prompt=login", ["login_prompt"]],
    ["with prompt=login and no session", ["no_session", "login_prompt"]],
    ["when another person is wanted", ["id_token_hint"]],
  ])("%s", (_, reasons) => {
    expect(wishes(reasons)).toEqual({ parameters: { prompt: "login" }, freshSince: NOW });
  });
});

test.each([[["no_session"]], [["max_age"]]])(
  "a session that is too old needs one that is young enough upstream: %j",
  (reasons) => {
    expect(wishes(reasons, { max_age: 600 })).toEqual({
      parameters: { max_age: "600" },
      freshSince: NOW - 600,
    });
  },
);
