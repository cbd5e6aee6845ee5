import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { enumTexts } from "./rules.js";

/** Prints one value, of the type it was compiled for, as JSON text. */
export type Encode = (value: never) => string;

export function scalarEncoder(scalar: ScalarType): Encode {
  if (scalar === ScalarType.BYTES) return (value: Uint8Array) => `"${base64Encode(value)}"`;
  const isText = scalar === ScalarType.STRING;
  const isFloat = scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT;
  return isText || isFloat ? JSON.stringify : String;
}

const INTEGER = /^-?(?:0|[1-9]\d*)$/;

/** Prints decimal text as a bare integer. Throws rather than print what is not JSON: the text comes from us. */
export function encodeInteger(text: string): string {
  if (!INTEGER.test(text)) throw new Error(`not a decimal integer: ${JSON.stringify(text)}`);
  return text;
}

export function enumEncoder(desc: DescEnum): Encode {
  const { byNumber } = enumTexts(desc);
  const texts = new Map([...byNumber].map(([number, text]) => [number, JSON.stringify(text)]));
  return (value: number) => {
    const text = texts.get(value);
    if (text === undefined) throw new Error(`${value} is no value of ${desc.typeName}`);
    return text;
  };
}
