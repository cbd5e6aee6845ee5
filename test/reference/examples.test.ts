import { expect, test, vi } from "vitest";
import { putFile, startPaymentsApp } from "../payments/paymentsApp.js";
import { createDocumentedCheck } from "../support/published/checkDocumented.js";
import { type Call, callsOf, ours } from "./document.js";
import { createSteady } from "./steady.js";
import { type Known, type Step, story, UNTOLD } from "./story.js";

const calls = callsOf(ours);

test("the examples are calls that work, and what they were answered", async () => {
  const { url, token, root } = await startPaymentsApp();
  await putFile(root, "1001", { asset: "EUR/2", amount: 1999 });
  const authorization = `Bearer ${await token()}`;
  const check = createDocumentedCheck();
  const steady = createSteady();
  let known: Known = {};
  const examples: Record<string, unknown> = {};

  async function send(step: Step, call: Call) {
    const parameters = step.parameters?.(known) ?? {};
    const controller = new AbortController();
    const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(String(parameters[name])),
    );
    const inQuery = call.operation.parameters?.filter((it) => it.in === "query") ?? [];
    const query = new URLSearchParams(
      inQuery
        .filter(({ name }) => name in parameters)
        .map(({ name }): [string, string] => [name, String(parameters[name])]),
    );
    const response = await fetch(`${url}${path}?${query}`, {
      method: call.verb,
      headers: { authorization },
      signal: controller.signal,
      ...(step.body !== undefined && { body: JSON.stringify(step.body) }),
    });
    const isStream = step.events !== undefined;
    const text = isStream ? await firstEvents(response, step.events ?? 0) : await response.text();
    if (isStream) controller.abort();
    const { status, headers } = response;
    if (!isStream)
      expect(check({ verb: call.verb, path, status, headers, body: text })).toEqual([]);
    expect([step.operationId, status, text]).toEqual([
      step.operationId,
      Number(Object.keys(call.operation.responses)[0]),
      text,
    ]);
    return { parameters, text, isStream };
  }

  for (const step of story) {
    const call = calls.find(({ operation }) => operation.operationId === step.operationId);
    if (call === undefined) return expect.unreachable(`no operation ${step.operationId}`);
    const { parameters, text, isStream } = await vi.waitFor(
      async () => {
        const sent = await send(step, call);
        if (step.until) expect(step.until(JSON.parse(sent.text))).toBe(true);
        return sent;
      },
      { timeout: 15_000, interval: 100 },
    );
    if (step.learn) known = { ...known, ...step.learn(JSON.parse(text)) };
    examples[step.operationId] = {
      ...(Object.keys(parameters).length > 0 && { parameters: steady(parameters) }),
      ...(step.body !== undefined && { body: step.body }),
      ...(isStream
        ? { events: steadyEvents(text, steady) }
        : text !== "" && { answer: steady(JSON.parse(text)) }),
    };
  }

  const file = "../../reference/examples/examples.json";
  await expect(`${JSON.stringify(examples, null, 1)}\n`).toMatchFileSnapshot(file);
}, 60_000);

test("every operation has an example, or a reason to have none", () => {
  const told = [...story.map(({ operationId }) => operationId), ...Object.keys(UNTOLD)];
  const ids = calls.map(({ operation }) => operation.operationId);
  expect(told.toSorted()).toEqual(ids.toSorted());
});

async function firstEvents(response: Response, count: number): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n").filter((event) => event.includes("data: "));
    if (events.length >= count && text.endsWith("\n\n")) {
      return `${events.slice(0, count).join("\n\n")}\n\n`;
    }
  }
  return text;
}

const steadyEvents = (text: string, steady: (value: unknown) => unknown) =>
  text.replaceAll(
    /^data: (.*)$/gm,
    (_, json) => `data: ${JSON.stringify(steady(JSON.parse(json)))}`,
  );
