import {
  AgentFrame,
  AssignmentServiceService,
  HubFrame,
  type RenewRequest,
  type RenewResponse,
} from '@flotilla/proto/assignment';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { type RawStream, rawStream } from './call.ts';
import type { Identity } from './certificates.ts';

/** A stream played by hand against an agent. */
export type HubPeer = RawStream<HubFrame, AgentFrame>;

/** A hub made of nothing but a gRPC server. */
export interface RawHub {
  readonly port: number;
  /** The next stream that an agent opens. */
  accept(): Promise<HubPeer>;
  /** Renewals so far, and what they are answered with. */
  readonly renewals: RenewRequest[];
  renewal: RenewResponse;
  close(): void;
}

const patienceMs = 20_000;

/** Listens on a free port with mutual TLS. */
export async function startRawHub(caPem: string, identity: Identity): Promise<RawHub> {
  const line: HubPeer[] = [];
  const waiting: ((peer: HubPeer) => void)[] = [];
  const renewals: RenewRequest[] = [];
  const hub = {
    renewals,
    renewal: { certificateChain: [], caBundle: [], natsUserJwt: '', natsUrls: [] } as RenewResponse,
  };
  const asIs = (bytes: Buffer): Buffer => bytes;
  const server = new Server();
  server.addService(
    {
      connect: {
        ...AssignmentServiceService.connect,
        requestDeserialize: asIs,
        responseSerialize: asIs,
      },
      renew: AssignmentServiceService.renew,
    },
    {
      connect: (call: ServerDuplexStream<Buffer, Buffer>) => {
        const peer = rawStream<HubFrame, AgentFrame>(call, {
          encode: (frame) => HubFrame.encode(frame).finish(),
          decode: (bytes) => AgentFrame.decode(bytes),
        });
        const first = waiting.shift();
        if (first === undefined) line.push(peer);
        else first(peer);
      },
      renew: (
        call: { readonly request: RenewRequest },
        answer: (error: null, response: RenewResponse) => void,
      ) => {
        renewals.push(call.request);
        answer(null, hub.renewal);
      },
    },
  );
  const pair = { private_key: Buffer.from(identity.keyPem), cert_chain: Buffer.from(identity.certPem) };
  const credentials = ServerCredentials.createSsl(Buffer.from(caPem), [pair], true);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return Object.assign(hub, {
    port,
    accept(): Promise<HubPeer> {
      const first = line.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no agent came')), patienceMs);
        waiting.push((peer) => {
          clearTimeout(timer);
          resolve(peer);
        });
      });
    },
    close: () => server.forceShutdown(),
  });
}
