import { resolve, type Schema } from "./document.js";

/** A schema and the document that it refers to. */
export interface Placed {
  readonly schema: Schema;
  readonly document: unknown;
}

/** What a client that was written for `theirs` would miss in `ours`, by place: "answer.data[].id". */
export function missing(theirs: Placed, ours: Placed, place: string): string[] {
  const wanted = alternatives(theirs);
  const offered = alternatives(ours);
  // Each of their forms must be one of ours, or lie in several; the closest one tells what is missing.
  return wanted.flatMap((want) => {
    const attempts = [...offered, offered.reduce(both)].map((offer) =>
      missingOf(want, offer, { theirs, ours, place }),
    );
    return attempts.sort((a, b) => a.length - b.length)[0] ?? [`${place}: nothing`];
  });
}

interface Comparison {
  readonly theirs: Placed;
  readonly ours: Placed;
  readonly place: string;
}

function missingOf(want: Schema, offer: Schema, { theirs, ours, place }: Comparison): string[] {
  const inside = (wanted: Schema, offered: Schema | undefined, step: string): string[] =>
    offered === undefined
      ? [place + step]
      : missing({ ...theirs, schema: wanted }, { ...ours, schema: offered }, place + step);
  const types = typesOf(offer);
  const lacks: string[] = [];
  if (want.type !== undefined && !types.includes(String(want.type))) {
    return [`${place}: ${types.join()} for ${want.type}`];
  }
  if (want.format === "date-time" && offer.format !== "date-time") lacks.push(`${place}: no time`);
  if (types.includes("null") && want.nullable !== true) lacks.push(`${place}: may be null`);
  for (const text of want.enum ?? []) {
    if (offer.enum !== undefined && !offer.enum.includes(text))
      lacks.push(`${place}: no "${text}"`);
  }
  for (const [name, property] of Object.entries(want.properties ?? {})) {
    lacks.push(...inside(property, offer.properties?.[name], `.${name}`));
  }
  if (want.items !== undefined) lacks.push(...inside(want.items, offer.items, "[]"));
  const { additionalProperties: any } = want;
  if (typeof any === "object" && Object.keys(any).length > 0) {
    const named = Object.values(offer.properties ?? {});
    const { additionalProperties: others } = offer;
    const values = typeof others === "object" ? [...named, others] : named;
    lacks.push(
      ...(values.length === 0 ? [place] : values).flatMap((it) => inside(any, it as Schema, "{}")),
    );
  }
  return lacks;
}

const typesOf = ({ type, properties }: Schema): string[] =>
  type === undefined ? (properties ? ["object"] : []) : [type].flat();

/** The forms that a schema allows, each without references and parts. */
function alternatives({ schema, document }: Placed): Schema[] {
  const it = resolve(schema, document);
  const forms = it.anyOf ?? it.oneOf;
  if (forms !== undefined) return forms.flatMap((form) => alternatives({ schema: form, document }));
  if (it.allOf === undefined) return [it];
  return it.allOf.reduce<Schema[]>(
    (known, part) => {
      const more = alternatives({ schema: part, document });
      return known.flatMap((a) => more.map((b) => both(a, b)));
    },
    [{ type: "object" }],
  );
}

const both = (a: Schema, b: Schema): Schema => ({
  ...a,
  ...b,
  properties: { ...a.properties, ...b.properties },
  required: [...(a.required ?? []), ...(b.required ?? [])],
});

/** Keys that `theirs` always has and `ours` may lack, at any depth. */
export function optional(theirs: Placed, ours: Placed, place: string): string[] {
  return alternatives(theirs).flatMap((want) => {
    const offers = alternatives(ours);
    const deeper = Object.entries(want.properties ?? {}).flatMap(([name, property]) => {
      const offered = offers.find(({ properties }) => properties?.[name])?.properties?.[name];
      if (offered === undefined) return [];
      const next = { theirs: { ...theirs, schema: property }, ours: { ...ours, schema: offered } };
      return optional(next.theirs, next.ours, `${place}.${name}`);
    });
    const items =
      want.items === undefined
        ? []
        : offers.flatMap(({ items }) =>
            items === undefined
              ? []
              : optional(
                  { ...theirs, schema: want.items as Schema },
                  { ...ours, schema: items },
                  `${place}[]`,
                ),
          );
    const lacks = (want.required ?? []).filter(
      (name) => !offers.some(({ required = [] }) => required.includes(name)),
    );
    return [...lacks.map((name) => `${place}.${name}`), ...deeper, ...items];
  });
}
