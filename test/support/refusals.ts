import type { DescMethod } from "@bufbuild/protobuf";
import { expect } from "vitest";
import { startTestApp } from "./app.js";
import { contents } from "./contents.js";
import { callRpc, rpcWires } from "./rpcs.js";

/** A bad request on the ledger "main", as RPC, as REST or as both, and what is said of it. */
export interface Refusal {
  readonly rpc?: readonly [method: DescMethod, request: Record<string, unknown>];
  /** "GET path", where the path begins below the ledger's, and a body. */
  readonly rest?: readonly [target: string, body?: string];
  readonly says: string;
  /** Where REST has other words: it reads JSON and URLs. */
  readonly restSays?: string;
}

const GOOD = '{"postings":[{"source":"world","destination":"users:1","asset":"EUR/2","amount":1}]}';

/**
 * Sends each request on every wire that can say it, between two good ones: it must be refused as invalid, in these
 * words, and change nothing.
 */
export async function expectRefusals(refusals: Readonly<Record<string, Refusal>>): Promise<void> {
  const { url, db, ...app } = await startTestApp();
  const token = await app.token();
  const sendRest = async (target: string, body?: string) => {
    const [method = "", path = ""] = target.split(" ");
    const response = await fetch(`${url}/api/ledger/main/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body }),
    });
    const told = (await response.json()) as { errorCode?: string; errorMessage?: string };
    return response.ok ? told : `${response.status} ${told.errorCode}: ${told.errorMessage}`;
  };
  await sendRest("POST transactions", GOOD);
  const before = await contents(db);

  const wires = Object.entries(rpcWires(url));
  for (const [what, { rpc, rest, says, restSays = says }] of Object.entries(refusals)) {
    if (rpc !== undefined) {
      const [method, request] = rpc;
      for (const [name, wire] of wires) {
        const answer = await callRpc(wire, method, { request, token });
        expect(answer, `${what}, over ${name}`).toBe(`invalid_argument VALIDATION: ${says}`);
      }
    }
    if (rest !== undefined) {
      expect(await sendRest(...rest), `${what}, over REST`).toBe(`400 VALIDATION: ${restSays}`);
    }
  }

  expect(await contents(db)).toEqual(before);
  expect(await sendRest("POST transactions", GOOD)).toMatchObject({ data: [{ txid: 1 }] });
}
