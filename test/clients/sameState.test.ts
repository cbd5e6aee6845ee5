import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { connectJson, grpc, grpcWeb, rest } from "./wires.js";

const ODD = "9007199254740993"; // 2^53 + 1: the first integer that a double cannot hold
const LONG = "1234567890123456789012345678901234567890";

test("what one wire writes all wires read alike, to the last digit", async () => {
  const app = await startTestApp();
  const server = { url: app.url, token: await app.token() };
  const wires = {
    rest: rest(server),
    grpc: grpc(server),
    connect: connectJson(server),
    grpcWeb: grpcWeb(server),
  };
  const posting = { source: "world", destination: "users:1" };
  const postings = [
    { ...posting, asset: "EUR/2", amount: ODD },
    { ...posting, asset: "ETH/18", amount: LONG },
  ];

  const made = [];
  for (const [name, wire] of Object.entries(wires)) made.push(await wire.create(name, postings));
  expect(made).toEqual(
    Object.keys(wires).map((reference, at) => ({ txid: String(at), reference, postings })),
  );

  const balances = {
    "EUR/2": String(4n * BigInt(ODD)),
    "ETH/18": String(4n * BigInt(LONG)),
  };
  for (const [name, wire] of Object.entries(wires)) {
    expect(await wire.list(), name).toEqual(made.toReversed());
    expect(await wire.balances("users:1"), name).toEqual(balances);
  }
});
