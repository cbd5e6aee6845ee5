import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { scalarZeroValue } from "@bufbuild/protobuf/reflect";

/** `FeatureSet.FieldPresence.IMPLICIT`: a zero value says "not set". */
const IMPLICIT = 2;

/** Tells whether a field is unset: no items, absent, or, without presence, its zero value. */
export function emptyTest(field: DescField): (value: unknown) => boolean {
  if (field.fieldKind === "list") return (value) => (value as unknown[]).length === 0;
  if (field.fieldKind === "map") return (value) => isEmptyObject(value as object);
  if (field.fieldKind === "enum") return (value) => value === undefined || value === 0;
  if (field.fieldKind === "message" || field.presence !== IMPLICIT) {
    return (value) => value === undefined;
  }
  if (field.scalar === ScalarType.BYTES) return (value) => (value as Uint8Array).length === 0;
  const zero = scalarZeroValue(field.scalar, field.longAsString);
  return (value) => value === zero;
}

function isEmptyObject(value: object): boolean {
  for (const _ in value) return false;
  return true;
}
