import { expect } from "vitest";
import { startPaymentsApp } from "../paymentsApp.js";

/** That a server refuses `good` but for these changes, and says why. */
export async function expectRefusals(
  provider: string,
  good: object,
  cases: readonly (readonly [complaint: string, changes: object])[],
): Promise<void> {
  const { call } = await startPaymentsApp();
  for (const [errorMessage, changes] of cases) {
    const refused = await call("POST", `/connectors/${provider}`, { ...good, ...changes });
    expect(refused).toMatchObject({ status: 400, body: { errorCode: "VALIDATION", errorMessage } });
  }
  expect((await call("GET", "/connectors")).body.data).toEqual([]);
}

/** What a connector is configured by, how a configuration is shown, and the texts of the tasks that it begins with. */
export async function installed(provider: string, config: object, variables: NodeJS.ProcessEnv) {
  const { call } = await startPaymentsApp(variables);
  const { data: templates } = (await call("GET", "/connectors/configs")).body;
  expect((await call("POST", `/connectors/${provider}`, config)).status).toBe(204);
  const { data: shown } = (await call("GET", `/connectors/${provider}/config`)).body;
  const { body } = await call("GET", `/connectors/${provider}/tasks`);
  const tasks: string[] = body.cursor.data.map(({ descriptor }: never) =>
    JSON.stringify(descriptor),
  );
  return { template: templates[provider], shown, tasks };
}
