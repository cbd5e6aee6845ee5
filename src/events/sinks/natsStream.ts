import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";

/**
 * Whether no stream of the server takes `subject`. Somebody may still listen to it, who confirms nothing. No, too, if the
 * server does not say.
 */
export async function isUncovered(
  connection: NatsConnection,
  { subject, timeout }: { subject: string; timeout: number },
): Promise<boolean> {
  try {
    const manager = await jetstreamManager(connection, { timeout, checkAPI: false });
    const names = await manager.streams.names(subject).next();
    return names.length === 0;
  } catch (error) {
    return (
      isUnheard(error as Error) ||
      error instanceof JetStreamApiError ||
      (error as Error).cause instanceof errors.PermissionViolationError
    );
  }
}

/** Nobody listens to what was sent, JetStream neither. */
export const isUnheard = ({ cause }: Error): boolean =>
  cause instanceof errors.RequestError && cause.isNoResponders();

/** Makes `stream` take `subject`: called when no stream of the server does. */
export async function coverSubject(
  connection: NatsConnection,
  { stream, subject, timeout }: { stream: string; subject: string; timeout: number },
): Promise<void> {
  try {
    const manager = await jetstreamManager(connection, { timeout, checkAPI: false });
    const subjects = await subjectsOf(manager, stream);
    if (subjects === null) {
      await manager.streams.add({
        name: stream,
        subjects: [subject],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        // A full stream refuses events, which then wait in the outbox. It never drops unread ones.
        discard: DiscardPolicy.New,
      });
    } else if (!subjects.includes(subject)) {
      await manager.streams.update(stream, { subjects: [...subjects, subject] });
    }
  } catch (cause) {
    throw new Error(
      `no stream takes the subject "${subject}", and "${stream}" could not be made to: ${(cause as Error).message}. ` +
        "Create a stream with that subject, or let Florin's user do so.",
      { cause },
    );
  }
}

/** Null if there is no such stream. */
async function subjectsOf(manager: JetStreamManager, stream: string): Promise<string[] | null> {
  try {
    return (await manager.streams.info(stream)).config.subjects;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) {
      return null;
    }
    throw error;
  }
}
