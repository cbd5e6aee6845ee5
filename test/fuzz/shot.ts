import type { DescMethod } from "@bufbuild/protobuf";

export type Wire = "gRPC" | "gRPC-Web" | "Connect" | "REST";

/** One request, down to its bytes. */
export interface Shot {
  readonly wire: Wire;
  readonly rpc: DescMethod;
  readonly verb: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: it ends with its headers. */
  readonly body: Buffer | null;
  /** How it ends: well, in the middle (RST_STREAM), or not at all while an answer may come. */
  readonly end: "well" | "reset" | "never";
}

/** `shot` as a person can send it again. */
export const printShot = ({ verb, path, headers, body, end }: Shot): string =>
  [
    `${verb} ${path.slice(0, 4_000)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `ends ${end}; body in base64: ${body?.subarray(0, 3_000).toString("base64") ?? "none"}`,
    `as text: ${JSON.stringify(body?.subarray(0, 600).toString("latin1") ?? "")}`,
  ].join("\n");
