import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// The floor of REST on this machine: reads a JSON body, answers a JSON body as long as a transaction's, does nothing else.
const answer = JSON.stringify({ data: "x".repeat(420) });
const server = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  JSON.parse(text);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(answer),
  });
  response.end(answer);
}).listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
