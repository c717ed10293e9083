import type { NatsConnection } from '@nats-io/transport-node';
import type { BackoffBounds, Random } from '../../base/index.ts';
import type { Logger } from '../logger.ts';

/** Who we are to the bus. Read anew at every dial, so that rotated credentials are used without a restart. */
export type BusCredentials =
  | { readonly kind: 'jwt'; readonly jwt: string; readonly seed: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string };

/** What a connection is made from. */
export interface BusOptions {
  /** Shown in the server's connection list. */
  readonly name: string;
  /** `nats://` or `tls://` URLs; at least one. Read anew at every dial. */
  readonly servers: () => readonly string[];
  /** Undefined = none. Must not throw. */
  readonly credentials: () => BusCredentials | undefined;
  /** Roots to trust, PEM. Given = TLS is demanded and nothing else is trusted; read anew at every dial. */
  readonly caPem?: () => string | undefined;
  /** Prefix of reply subjects, where the user may subscribe only its own. */
  readonly inboxPrefix?: string;
  /** Pause between dials: full jitter. */
  readonly backoff: BackoffBounds;
  /** Oldest server version accepted, `2.12.0`. */
  readonly versionMin: string;
  /** A server that does not answer pings for twice this time is gone. */
  readonly pingMs: number;
  readonly random: Random;
  readonly log: Logger;
}

/** A message as it came. */
export interface BusMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  /** Value of a header; undefined when absent. */
  header(name: string): string | undefined;
}

/** One request. */
export interface BusRequest {
  readonly subject: string;
  readonly data: Uint8Array | string;
  readonly headers?: { readonly [name: string]: string };
  readonly timeoutMs: number;
}

/** A connection to the bus that stays until it is closed. */
export interface Bus extends AsyncDisposable {
  /** False while the connection is down or the server is too old. */
  readonly isConnected: boolean;
  /** True once it was closed for good. */
  readonly isClosed: boolean;
  /** Name, version and address of the server, for logs and readiness. */
  readonly server: string;
  /** Largest payload that the server takes, bytes. */
  readonly payloadBytesMax: number;
  /** Fire and forget. Throws BusError BUS_AWAY when the connection is down. */
  publish(subject: string, data: Uint8Array | string, headers?: { readonly [name: string]: string }): void;
  /**
   * Resolves when the server has taken everything published before (one PING and PONG). Rejects with BusError: BUS_REFUSED
   * when it refused some of it, BUS_OUTCOME_UNKNOWN when the connection broke.
   */
  flush(signal: AbortSignal): Promise<void>;
  /** Asks and waits for the answer. Rejects with BusError; an abort rejects with the signal's reason. */
  request(request: BusRequest, signal: AbortSignal): Promise<BusMessage>;
  /** Calls back for each message, also after reconnects, until the returned function is called. */
  subscribe(subject: string, onMessage: (message: BusMessage) => void): () => void;
  /** Told when the connection comes up or goes down. Returns the unsubscribe function. */
  onConnection(listener: (isConnected: boolean) => void): () => void;
  /** Dials again, with what credentials and roots are then. */
  reconnect(): Promise<void>;
  /** Resolves when the connection is closed for good. */
  readonly closed: Promise<void>;
  /** The library's connection, for kit/jetstream alone. */
  readonly connection: NatsConnection;
}
