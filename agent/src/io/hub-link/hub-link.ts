import {
  AssignmentServiceClient,
  AssignmentServiceService,
  type RenewResponse,
} from '@flotilla/proto/assignment';
import { limits } from '@flotilla/shared/base';
import { certificatesPem } from '@flotilla/shared/kit';
import { Client, type ClientOptions, connectivityState, credentials, Metadata } from '@grpc/grpc-js';
import type { AgentIdentity, HubLink, RenewalRequest } from '../../ports.ts';
import { diallingOf } from './dialled-host.ts';
import { fromServiceError, HubLinkError } from './hub-link-error.ts';
import { type ConnectCall, hubStreamOf } from './hub-stream.ts';

/** What the link to the hub is made from. */
export interface HubLinkOptions {
  /** The identity of now: asked for each time, so that a renewed one is used from the next `open` on. */
  readonly identity: () => AgentIdentity;
  /** Name that the hub's certificate must carry when it is not the host of `agentsAddress` (a tunnel, a bare address). */
  readonly serverName?: string | undefined;
}

/** Longest that a renewal may take. */
const renewMs = 30_000;

/** The agent's way to its hub over gRPC with mutual TLS: one channel for each stream, so that no old identity lingers. */
export function hubLinkOf(options: HubLinkOptions): HubLink {
  return {
    async open(signal) {
      signal.throwIfAborted();
      const identity = options.identity();
      const client = new Client(
        identity.agentsAddress,
        credentialsOf(identity, options),
        clientOptions(identity, options),
      );
      const { path } = AssignmentServiceService.connect;
      const call = client.makeBidiStreamRequest(path, asIs, asIs, new Metadata(), {});
      try {
        await connected(client, call, signal);
      } catch (error) {
        call.on('error', () => {});
        call.cancel();
        client.close();
        throw error;
      }
      return hubStreamOf(call, client);
    },
    async renew(request, signal) {
      signal.throwIfAborted();
      const identity = options.identity();
      const client = new AssignmentServiceClient(
        identity.agentsAddress,
        credentialsOf(identity, options),
        clientOptions(identity, options),
      );
      try {
        return renewedFrom(identity, await askRenewal(client, request, signal));
      } finally {
        client.close();
      }
    },
  };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function credentialsOf(identity: AgentIdentity, { serverName }: HubLinkOptions) {
  return credentials.createSsl(
    Buffer.from(identity.caBundlePem),
    Buffer.from(identity.privateKeyPem),
    Buffer.from(identity.certificateChainPem),
    // A name that was given is what the certificate must carry, whatever was dialled.
    serverName === undefined ? diallingOf(identity.agentsAddress).verify : {},
  );
}

function clientOptions(identity: AgentIdentity, { serverName }: HubLinkOptions): ClientOptions {
  return {
    // A retry buffer keeps the messages of a call, and a stream lives half an hour.
    'grpc.enable_retries': 0,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': limits.grpcMessageBytesMax,
    'grpc.max_send_message_length': limits.grpcMessageBytesMax,
    // A shared pool would hand a new stream the connection of an older identity.
    'grpc.use_local_subchannel_pool': 1,
    ...(serverName === undefined
      ? diallingOf(identity.agentsAddress).options
      : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
  };
}

/** Resolves once TLS stands; rejects with what went wrong, or when called off. */
function connected(client: Client, call: ConnectCall, signal: AbortSignal): Promise<void> {
  const channel = client.getChannel();
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      call.off('error', onError);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onError = (error: Error): void =>
      settle(() => reject(fromServiceError('cannot connect to the hub', error)));
    const onAbort = (): void => settle(() => reject(signal.reason));
    const look = (): void => {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) settle(resolve);
      else if (state !== connectivityState.SHUTDOWN && !signal.aborted) {
        channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
      }
    };
    call.on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    look();
  });
}

function askRenewal(
  client: AssignmentServiceClient,
  request: RenewalRequest,
  signal: AbortSignal,
): Promise<RenewResponse> {
  return new Promise((resolve, reject) => {
    const call = client.renew(
      { csrDer: Buffer.from(request.csrDer), natsUserKey: request.natsUserKey },
      new Metadata(),
      { deadline: Date.now() + renewMs },
      (error, response) => {
        signal.removeEventListener('abort', onAbort);
        if (error === null) resolve(response);
        else reject(signal.aborted ? signal.reason : fromServiceError('cannot renew the identity', error));
      },
    );
    const onAbort = (): void => call.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function renewedFrom(identity: AgentIdentity, response: RenewResponse): AgentIdentity {
  const { certificateChain, caBundle, natsUserJwt, natsUrls } = response;
  if (certificateChain.length === 0 || caBundle.length === 0) {
    throw new HubLinkError('the hub answered the renewal without a certificate', {
      code: 'RENEWAL_EMPTY',
      retry: 'backoff',
    });
  }
  return {
    ...identity,
    certificateChainPem: certificatesPem(certificateChain),
    caBundlePem: certificatesPem(caBundle),
    natsUserJwt,
    natsUrls,
  };
}
