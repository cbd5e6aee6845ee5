/** Tells the topic (a subject, a topic, or a URL) that events of `type` go to. */
export type TopicOf = (type: string) => string;

/** Without a mapping, the topic is the type. */
export const topicIsType: TopicOf = (type) => type;

/** Every type of event there is. */
const TYPES: ReadonlySet<string> = new Set([
  "COMMITTED_TRANSACTIONS",
  "SAVED_METADATA",
  "UPDATED_MAPPING",
  "REVERTED_TRANSACTION",
  "SAVED_PAYMENT",
  "SAVED_ACCOUNT",
  "CONNECTOR_RESET",
]);

const ANY = "*";

/**
 * The mapping that `text` means: "SAVED_METADATA:metadata,*:ledger". A type that is not named has the topic of "*", or
 * else itself. Null if that is no mapping, or if it names a type twice, or one that does not exist.
 */
export function parseTopicMapping(text: string): TopicOf | null {
  const topics = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [, type = "", topic = ""] = /^\s*([^:]*?)\s*:\s*(\S+)\s*$/.exec(pair) ?? [];
    if (topic === "" || topics.has(type) || !(type === ANY || TYPES.has(type))) return null;
    topics.set(type, topic);
  }
  return (type) => topics.get(type) ?? topics.get(ANY) ?? type;
}
