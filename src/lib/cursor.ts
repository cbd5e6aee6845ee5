import type { z } from "zod";

/** The text by which a caller asks for another part of the same list. */
export const encodeCursor = (query: object): string =>
  Buffer.from(JSON.stringify(query)).toString("base64url");

/** The query that `cursor` stands for; null unless it is one of that shape. */
export function decodeCursor<Query>(shape: z.ZodType<Query>, cursor: string): Query | null {
  try {
    const query = shape.safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return query.success ? query.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
