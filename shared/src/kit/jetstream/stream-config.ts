import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { FlotillaError, stableJson } from '../../base/index.ts';
import type { Bus } from '../nats/index.ts';
import { apiNumbers, jetStreamErrorOf, manage, numberOf } from './jetstream-error.ts';

/** A stream as the product needs it. What is not said is the server's default; `replicas` may be changed by people. */
export interface StreamSettings {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Copies in a cluster; used when the stream is made, not compared afterwards. */
  readonly replicas: number;
  /** -1 = no bound. */
  readonly messagesPerSubjectMax: number;
  readonly messageBytesMax: number;
  readonly bytesMax: number;
  readonly ageMaxMs: number;
  readonly whenFull: 'discard-old' | 'refuse-new';
  /** A message header may empty the stream or a subject: only where every writer is trusted. */
  readonly allowRollup: boolean;
  readonly allowAtomic: boolean;
  /** Reads may be served by any replica, and so lag. */
  readonly allowDirect: boolean;
  /** Whether publishers get an answer. Not where untrusted ones choose whom it goes to (shared/adr/0005). */
  readonly acknowledges: boolean;
  readonly denyDelete: boolean;
  readonly denyPurge: boolean;
}

/** A stream of that name exists and is something else. */
export class StreamMismatchError extends FlotillaError {
  override readonly name = 'StreamMismatchError';
}

/**
 * Makes the stream unless it exists; an existing one with other settings is never changed but rejects with
 * StreamMismatchError that names each difference and the way out.
 */
export async function ensureStream(bus: Bus, settings: StreamSettings, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const wanted = configOf(settings);
  try {
    const found =
      (await existingConfig(bus, settings.name)) ?? (await create(bus, wanted, settings.replicas));
    const differences = Object.keys(wanted).filter((key) => !isEqual(key, wanted, found));
    if (differences.length > 0) throw mismatch(settings.name, differences, { wanted, found });
  } catch (caught) {
    throw jetStreamErrorOf(caught, `make stream ${settings.name}`);
  }
}

type Config = Partial<StreamConfig> & { readonly name: string };
type Comparable = { readonly [key: string]: unknown };

function configOf(settings: StreamSettings): Config {
  return {
    name: settings.name,
    subjects: [...settings.subjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_msgs: -1,
    max_msgs_per_subject: settings.messagesPerSubjectMax,
    max_msg_size: settings.messageBytesMax,
    max_bytes: settings.bytesMax,
    max_age: settings.ageMaxMs * 1_000_000,
    discard: settings.whenFull === 'discard-old' ? DiscardPolicy.Old : DiscardPolicy.New,
    allow_rollup_hdrs: settings.allowRollup,
    allow_atomic: settings.allowAtomic,
    allow_direct: settings.allowDirect,
    no_ack: !settings.acknowledges,
    deny_delete: settings.denyDelete,
    deny_purge: settings.denyPurge,
  };
}

async function existingConfig(bus: Bus, name: string): Promise<Comparable | undefined> {
  try {
    return { ...(await manage(bus, (manager) => manager.streams.info(name))).config };
  } catch (caught) {
    if (numberOf(caught) === apiNumbers.streamNotFound) return undefined;
    throw caught;
  }
}

async function create(bus: Bus, wanted: Config, replicas: number): Promise<Comparable> {
  const config = { ...wanted, num_replicas: replicas };
  return { ...(await manage(bus, (manager) => manager.streams.add(config))).config };
}

/** The server leaves false and 0 out of its answers. */
function isEqual(key: string, wanted: Comparable, found: Comparable): boolean {
  return text(wanted[key]) === text(found[key]);
}

function text(value: unknown): string {
  if (value === false || value === 0 || value === undefined || value === null) return 'not set';
  // Values of a stream's configuration came from JSON or go into it.
  return stableJson(value as Parameters<typeof stableJson>[0]);
}

function mismatch(
  name: string,
  differences: readonly string[],
  { wanted, found }: { readonly wanted: Comparable; readonly found: Comparable },
): StreamMismatchError {
  const list = differences
    .map((key) => `${key} is ${text(found[key])} instead of ${text(wanted[key])}`)
    .join(', ');
  return new StreamMismatchError(
    `stream ${name} exists with other settings than this program needs: ${list}; ` +
      'change it with the nats tool if it is ours, or give this fleet a bus account of its own',
    { code: 'STREAM_MISMATCH', retry: 'never' },
  );
}
