import { FlotillaError, limits } from '@flotilla/shared/base';
import {
  experimental,
  type MethodDefinition,
  Server,
  type ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { CertificateSource, type ListenerTls } from './certificate-source.ts';

/** A listener cannot be opened. */
export class GrpcListenError extends FlotillaError {
  override readonly name = 'GrpcListenError';
}

/** What a gRPC listener is started with. */
export interface GrpcServerOptions {
  /** Address to bind, e.g. `0.0.0.0` or `127.0.0.1`. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tls: ListenerTls;
  /** `required`: TLS fails without a client certificate of `tls.caPem`; `none`: clients prove themselves otherwise. */
  readonly clientCertificates: 'required' | 'none';
  readonly services: readonly GrpcService[];
}

/** One service and who answers it. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** An open gRPC listener. */
export interface GrpcServer {
  readonly port: number;
  /** New connections are answered with these certificates from now on. */
  setTls(tls: ListenerTls): void;
  /** Takes no new calls, waits for the open ones up to `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>;
}

/** Calls on one connection: an agent has one stream and now and then a renewal. */
const streamsPerConnectionMax = 8;

/** Opens a listener with the product's limits. Rejects with GrpcListenError. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const source = new CertificateSource(options.tls);
  const server = new Server({
    'grpc.max_receive_message_length': limits.grpcMessageBytesMax,
    'grpc.max_send_message_length': limits.grpcMessageBytesMax,
    'grpc.max_concurrent_streams': streamsPerConnectionMax,
    // Finds dead connections below the heartbeats, also those of calls that have none.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  for (const { definition, implementation } of options.services) {
    server.addService(definition, implementation);
  }
  const port = await bind(server, options, credentialsOf(source, options.clientCertificates));
  return {
    port,
    setTls: (tls) => source.set(tls),
    close: (graceMs) => closeServer(server, graceMs),
  };
}

function credentialsOf(
  source: CertificateSource,
  clientCertificates: GrpcServerOptions['clientCertificates'],
): ServerCredentials {
  // The order of grpc-js 1.14.7's constructor is (identity, CA), whatever its declared names say; one source serves both.
  return clientCertificates === 'required'
    ? experimental.createCertificateProviderServerCredentials(source, source, true)
    : experimental.createCertificateProviderServerCredentials(source, null, false);
}

function bind(server: Server, options: GrpcServerOptions, credentials: ServerCredentials): Promise<number> {
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const address = `${host}:${options.port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) return resolve(port);
      reject(
        new GrpcListenError(`cannot listen on ${address}: ${error.message}`, {
          code: 'LISTEN_FAILED',
          retry: 'never',
          cause: error,
        }),
      );
    });
  });
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A method whose messages stay bytes: the codec reads them, so that a malformed one gets a located answer. */
export function rawMethod<Request, Response>(
  method: MethodDefinition<Request, Response>,
): MethodDefinition<Buffer, Buffer> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  return {
    path: method.path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}
