import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { type Http, type HttpRequest, ProviderError } from "../connector.js";
import { logIn } from "./logIn.js";

/** A login that is answered that text, or refused with that status. */
async function logInTo(answer: string | number) {
  const asked: HttpRequest[] = [];
  const http: Http = {
    send: () => Promise.reject(new Error("not by this one")),
    async json(request) {
      asked.push(request);
      if (typeof answer === "number")
        throw new ProviderError(`answered ${answer}`, { status: answer });
      return { value: parseJson(answer), answer: { status: 200, headers: {}, body: answer } };
    },
  };
  return { session: await logIn(http, { loginId: "a@b.c", apiKey: "key & more" }), asked };
}

test("a login is a form, and its token good for a while", async () => {
  const { session, asked } = await logInTo('{"auth_token":"t1"}');
  expect(session).toEqual({ headers: { "x-auth-token": "t1" }, seconds: 1500 });
  expect(asked).toMatchObject([
    { path: "/v2/authenticate/api", body: "login_id=a%40b.c&api_key=key+%26+more" },
  ]);
});

test.each([400, 401, 403, 503])("a login answered %i says so, with its status", async (status) => {
  await expect(logInTo(status)).rejects.toMatchObject({
    message: `failed to initiate client: unexpected status code: ${status}`,
    status,
  });
});

test.each(["null", "{}", '{"auth_token":""}', '{"auth_token":{}}'])(
  "a login answered %s has failed",
  async (answer) => {
    await expect(logInTo(answer)).rejects.toThrow("failed to initiate client: answered no auth_t");
  },
);
