import {
  AgentFrame,
  AssignmentServiceClient,
  AssignmentServiceService,
  HubFrame,
  type RenewRequest,
  type RenewResponse,
} from '@flotilla/proto/assignment';
import { Client, credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type RawStream, rawStream } from './call.ts';
import type { Identity } from './certificates.ts';

/** A stream played by hand against a hub. */
export type AgentPeer = RawStream<AgentFrame, HubFrame>;

/** Where the hub listens and whom we say we are. */
export interface HubAddress {
  readonly port: number;
  readonly caPem: string;
  readonly identity: Identity;
}

/** Opens Connect; `close` also closes the channel. */
export function dialHub(hub: HubAddress): AgentPeer {
  const client = new Client(`localhost:${hub.port}`, credentialsOf(hub));
  const asIs = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(AssignmentServiceService.connect.path, asIs, asIs);
  const stream = rawStream<AgentFrame, HubFrame>(call, {
    encode: (frame) => AgentFrame.encode(frame).finish(),
    decode: (bytes) => HubFrame.decode(bytes),
  });
  call.on('status', () => client.close());
  return stream;
}

/** The answer to a renewal: the response, or the status with its trailers. */
export type RenewalOutcome =
  | { readonly kind: 'renewed'; readonly response: RenewResponse }
  | {
      readonly kind: 'refused';
      readonly status: string;
      readonly details: string;
      readonly trailers: Metadata;
    };

/** Calls Renew. */
export function askRenewal(hub: HubAddress, request: RenewRequest): Promise<RenewalOutcome> {
  const client = new AssignmentServiceClient(`localhost:${hub.port}`, credentialsOf(hub));
  return new Promise((resolve) => {
    client.renew(request, (error: ServiceError | null, response) => {
      client.close();
      if (error === null) return resolve({ kind: 'renewed', response });
      const { code, details, metadata } = error;
      resolve({ kind: 'refused', status: status[code] ?? 'UNKNOWN', details, trailers: metadata });
    });
  });
}

function credentialsOf({ caPem, identity }: HubAddress) {
  return credentials.createSsl(
    Buffer.from(caPem),
    Buffer.from(identity.keyPem),
    Buffer.from(identity.certPem),
  );
}
