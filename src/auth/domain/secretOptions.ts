import { checkMetadata, checkName, type InvalidField, type Metadata } from "./field.js";

/** What a caller decides about a secret. */
export interface SecretOptions {
  readonly name: string;
  readonly metadata: Metadata;
}

/** The first field that breaks its rule; null if none does. */
export const checkSecretOptions = ({ name, metadata }: SecretOptions): InvalidField | null =>
  checkName("name", name) ?? checkMetadata(metadata);
