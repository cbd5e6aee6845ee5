import { SDK } from "@formance/formance-sdk";
import { SDKError } from "@formance/formance-sdk/sdk/models/errors/index.js";
import { expect, test } from "vitest";
import { putLogin } from "../../src/auth/store/users.js";
import { startTestApp, type TestApp } from "../support/app.js";

/** What the operations are tried on, in order: each finds what those before it left. */
interface Scene {
  readonly app: TestApp;
  readonly auth: SDK["auth"]["v1"];
  /** Of the client that the scenario makes. */
  clientId: string;
  secretId: string;
  clear: string;
}

const options = {
  name: "Shop",
  description: "Sells things.",
  public: false,
  trusted: true,
  redirectUris: ["https://shop.example/back"],
  postLogoutRedirectUris: ["https://shop.example"],
  metadata: { team: "a", size: 12.5, tags: ["x", null] },
};

/** How a call that the server refuses ends: its status and the code of the refusal. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => expect.unreachable("not refused"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(SDKError);
  return `${error.statusCode} ${JSON.parse(error.body).errorCode}`;
}

const sdkFor = (serverURL: string, clientID: string, clientSecret: string) =>
  new SDK({ serverURL, security: { clientID, clientSecret } });

/** Every operation, by its name in the SDK. */
const SCENARIO: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  async getServerInfo({ auth }) {
    const { serverInfo } = await auth.getServerInfo();
    expect(serverInfo?.version).toMatch(/^v\d+\.\d+\.\d+/);
  },

  async getOIDCWellKnowns({ auth }) {
    expect((await auth.getOIDCWellKnowns()).statusCode).toBe(200);
  },

  async createClient(scene) {
    const { createClientResponse, rawResponse } = await scene.auth.createClient(options);
    scene.clientId = createClientResponse?.data?.id ?? "";
    expect(createClientResponse?.data).toEqual({
      ...options,
      id: expect.stringMatching(/./),
      scopes: [],
      secrets: [],
    });
    expect(rawResponse.headers.get("location")).toBe(`./${scene.clientId}`);
    expect(await refusal(scene.auth.createClient({ name: "" }))).toBe("400 VALIDATION");
  },

  async createSecret(scene) {
    const { app, auth, clientId } = scene;
    const { createSecretResponse } = await auth.createSecret({
      clientId,
      createSecretRequest: { name: "till", metadata: { due: 2030 } },
    });
    const { id = "", clear = "", ...label } = createSecretResponse?.data ?? {};
    Object.assign(scene, { secretId: id, clear });
    expect(label).toEqual({ name: "till", lastDigits: clear.slice(-4), metadata: { due: 2030 } });
    const { ledger } = sdkFor(app.url, clientId, clear);
    expect((await ledger.v1.getInfo()).configInfoResponse?.data.server).toBe("florin");
    const unknown = auth.createSecret({ clientId: "none", createSecretRequest: { name: "a" } });
    expect(await refusal(unknown)).toBe("404 NOT_FOUND");
  },

  async readClient({ auth, clientId, secretId, clear }) {
    const { readClientResponse } = await auth.readClient({ clientId });
    expect(readClientResponse?.data).toEqual({
      ...options,
      id: clientId,
      scopes: [],
      secrets: [
        { id: secretId, name: "till", lastDigits: clear.slice(-4), metadata: { due: 2030 } },
      ],
    });
    expect(await refusal(auth.readClient({ clientId: "none" }))).toBe("404 NOT_FOUND");
  },

  async listClients({ auth, app, clientId }) {
    const { listClientsResponse } = await auth.listClients();
    expect(listClientsResponse?.data?.map(({ id }) => id)).toEqual([app.clientId, clientId]);
  },

  async updateClient({ auth, clientId }) {
    const update = (id: string) =>
      auth.updateClient({
        clientId: id,
        clientOptions: { name: "Till", scopes: ["ignored"] },
      });
    const { createClientResponse: updated } = await update(clientId);
    expect(updated?.data).toMatchObject({
      id: clientId,
      name: "Till",
      trusted: false,
      redirectUris: [],
      metadata: {},
      scopes: [],
      secrets: [{ name: "till" }],
    });
    expect(await refusal(update("none"))).toBe("404 NOT_FOUND");
  },

  async deleteSecret({ app, auth, clientId, secretId, clear }) {
    expect((await auth.deleteSecret({ clientId, secretId })).statusCode).toBe(204);
    expect(await refusal(auth.deleteSecret({ clientId, secretId }))).toBe("404 NOT_FOUND");
    const { ledger } = sdkFor(app.url, clientId, clear);
    await expect(ledger.v1.getInfo()).rejects.toThrow();
  },

  async deleteClient({ auth, clientId }) {
    expect((await auth.deleteClient({ clientId })).statusCode).toBe(204);
    expect((await auth.deleteClient({ clientId })).statusCode).toBe(204);
    expect(await refusal(auth.readClient({ clientId }))).toBe("404 NOT_FOUND");
  },

  async listUsers({ app, auth }) {
    expect((await auth.listUsers()).listUsersResponse?.data).toEqual([]);
    const person = { issuer: "https://people.example", isEmailVerified: true };
    await putLogin(app.db, { ...person, subject: "1", email: "ann@example.com" });
    await putLogin(app.db, { ...person, subject: "2", email: "" });
    expect((await auth.listUsers()).listUsersResponse?.data).toEqual([
      { id: expect.stringMatching(/./), subject: "1", email: "ann@example.com" },
      { id: expect.stringMatching(/./), subject: "2", email: "" },
    ]);
  },

  async readUser({ auth }) {
    const [, second] = (await auth.listUsers()).listUsersResponse?.data ?? [];
    const { readUserResponse } = await auth.readUser({ userId: second?.id ?? "" });
    expect(readUserResponse?.data).toEqual(second);
    expect(await refusal(auth.readUser({ userId: "none" }))).toBe("404 NOT_FOUND");
  },
};

test("the Formance SDK manages clients, secrets and users", async () => {
  const app = await startTestApp();
  const { auth } = sdkFor(app.url, app.clientId, app.clientSecret);
  const scene: Scene = { app, auth: auth.v1, clientId: "", secretId: "", clear: "" };
  for (const use of Object.values(SCENARIO)) await use(scene);
});

test("no operation of the Formance SDK on Auth is left out", () => {
  const { auth } = new SDK();
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(auth.v1));
  expect(names.filter((name) => name !== "constructor").sort()).toEqual(
    Object.keys(SCENARIO).sort(),
  );
});
