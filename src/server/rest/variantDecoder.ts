import { create, type DescEnum, type DescMessage } from "@bufbuild/protobuf";
import type { Json } from "../../lib/parseJson.js";
import { fieldDecoder, setField } from "./messageDecoder.js";
import { enumTexts, shapeOf } from "./rules.js";

/**
 * Reads a body as that member of the one oneof of `desc` which a value of `choice` names:
 * CONNECTOR_DUMMY_PAY names dummy_pay. The value is given as its REST text.
 */
export function variantDecoder(
  desc: DescMessage,
  choice: DescEnum,
): (choice: string, json: Json) => unknown {
  const shape = shapeOf(desc);
  if (shape.kind !== "oneof") throw new Error(`${desc} is not one oneof`);
  const members = new Map(
    [...enumTexts(choice).toNumber].map(([text, number]) => {
      const name = choice.value[number]?.name.slice(choice.sharedPrefix?.length ?? 0);
      const field = shape.oneof.fields.find((candidate) => candidate.name === name?.toLowerCase());
      if (field === undefined) throw new Error(`${desc} has no member for "${text}"`);
      return [text, { field, decode: fieldDecoder(field) }];
    }),
  );
  return (text, json) => {
    const member = members.get(text);
    if (member === undefined) throw new Error(`${desc} has no member for "${text}"`);
    const message = create(desc);
    setField(message, member.field, member.decode(json));
    return message;
  };
}
