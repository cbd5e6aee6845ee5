import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { vi } from "vitest";
import { kafka } from "./kafkaJars.js";
import { untilStopped } from "./untilStopped.js";

const run = promisify(execFile);
const fixture = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url));

/** Password of the user "florin", by PLAIN and SCRAM. */
export const PASSWORD = "s3cret";

/** A record, as a consumer sees it. */
export interface Received {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly id: string;
  readonly type: string;
  /** "": none. */
  readonly traceparent: string;
  readonly body: string;
}

/** One broker of Apache Kafka, in a process and a folder of its own. */
export interface KafkaBroker {
  /** "127.0.0.1:<port>", each the same after a restart. */
  readonly plain: string;
  readonly sasl: string;
  readonly tls: string;
  readonly admin: Admin;
  signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Starts it again, with its old data. */
  start(): Promise<void>;
  /** Everything in `topic`, each partition in its order. */
  received(topic: string): Promise<Received[]>;
  close(): Promise<void>;
}

/** Starts a broker with `properties` added to its configuration. */
export async function startKafka(properties = ""): Promise<KafkaBroker> {
  const folder = await mkdtemp(join(tmpdir(), "florin-kafka-"));
  const addresses = (await freePorts(4)).map((port) => `127.0.0.1:${port}`);
  const [plain = "", sasl = "", tls = "", controller = ""] = addresses;
  const keys = join(folder, "keys.pem");
  await writeFile(keys, [
    await readFile(fixture("first.key")),
    await readFile(fixture("first.crt")),
  ]);
  const data = join(folder, "data");
  const file = join(folder, "broker.properties");
  await writeFile(
    file,
    `${configure({ plain, sasl, tls, controller, data, keys })}${properties}\n`,
  );
  const scram = `SCRAM-SHA-256=[name=florin,password=${PASSWORD}]`;
  await run("java", [
    ...java("kafka.tools.StorageTool"),
    ...["format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", file, "--add-scram", scram],
  ]);

  const client = new Kafka({ brokers: [plain], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const started = spawn("java", [...java("kafka.Kafka"), file], { stdio: "ignore" });
    child = started;
    const ended = once(started, "close").then(([code]) => {
      throw new Error(`kafka ended with ${code}`);
    });
    ended.catch(() => {});
    await Promise.race([untilReady(client), ended]);
    await admin.connect();
  }

  async function signal(name: NodeJS.Signals): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(name);
    if (name === "SIGSTOP") await untilStopped(child.pid ?? 0);
    if (name === "SIGKILL") await closed;
  }

  async function close(): Promise<void> {
    await admin.disconnect();
    await signal("SIGKILL");
    await rm(folder, { recursive: true });
  }

  await start();
  return {
    plain,
    sasl,
    tls,
    admin,
    signal,
    start,
    received: (topic) => receive(client, admin, topic),
    close,
  };
}

interface Layout {
  readonly plain: string;
  readonly sasl: string;
  readonly tls: string;
  readonly controller: string;
  readonly data: string;
  readonly keys: string;
}

/** One process that is broker and controller, and comes back soon after it was killed. */
const configure = ({ plain, sasl, tls, controller, data, keys }: Layout): string => `\
process.roles=broker,controller
node.id=1
log.dirs=${data}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT
controller.quorum.voters=1@${controller}
listeners=PLAINTEXT://${plain},SASL_PLAINTEXT://${sasl},SSL://${tls},CONTROLLER://${controller}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_florin="${PASSWORD}";
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=${keys}
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
`;

const java = (mainClass: string): string[] => {
  const folder = "jars" in kafka ? kafka.jars : "";
  // As little as one broker needs, and a quick start.
  const flags = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  return [...flags, "-cp", `${folder}/*`, mainClass];
};

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** Waits until the broker takes requests. */
const untilReady = (client: Kafka): Promise<void> =>
  vi.waitFor(
    async () => {
      const probe = client.admin({ retry: { retries: 0 } });
      await probe.connect();
      const { brokers } = await probe.describeCluster().finally(() => probe.disconnect());
      if (brokers.length === 0) throw new Error("the broker is not registered yet");
    },
    { timeout: 100_000, interval: 100 },
  );

async function receive(client: Kafka, admin: Admin, topic: string): Promise<Received[]> {
  // A fresh topic's partitions come into being one by one.
  const offsets = await vi.waitFor(() => admin.fetchTopicOffsets(topic), 5000);
  const total = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  const consumer = client.consumer({ groupId: `test-${Math.random()}` });
  const records: Received[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      if (total === 0) resolve();
      consumer
        .run({
          async eachMessage({ partition, message: { key, value, headers = {} } }) {
            const { id = "", type = "", traceparent = "" } = headers;
            records.push({
              topic,
              partition,
              key: String(key),
              id: String(id),
              type: String(type),
              traceparent: String(traceparent),
              body: String(value),
            });
            if (records.length === total) resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
}
