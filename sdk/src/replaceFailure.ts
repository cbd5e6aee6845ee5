/** `items`, throwing `replace(error)` where they throw `error`. */
export async function* replaceFailure<T>(
  items: AsyncIterable<T>,
  replace: (error: unknown) => unknown,
): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw replace(error);
  }
}
