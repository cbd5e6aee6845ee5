import kafkajs, { type KafkaJSProtocolError } from "kafkajs";

/** The broker's answer behind `error`. Null if there was none. */
function answerOf(error: unknown): KafkaJSProtocolError | null {
  if (error instanceof kafkajs.KafkaJSProtocolError) return error;
  return error instanceof Error && error.cause !== undefined ? answerOf(error.cause) : null;
}

/** What the broker says to messages for `topics`, in words. Null if it said nothing. */
export function brokerSays(error: unknown, topics: readonly string[]): string | null {
  const answer = answerOf(error);
  if (answer === null) return null;
  return answer.type === "UNKNOWN_TOPIC_OR_PARTITION"
    ? `topic ${[...new Set(topics)].map((topic) => `"${topic}"`).join(" or ")} does not exist, and the broker makes none by itself: create it`
    : `${answer.message} (${answer.type})`;
}

/** Whether a broker refused a batch, or a message, for its size. */
export const isTooLarge = (error: unknown): boolean =>
  ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"].includes(answerOf(error)?.type ?? "");
