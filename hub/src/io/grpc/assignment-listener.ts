import { AssignmentServiceService, type RenewRequest, type RenewResponse } from '@flotilla/proto/assignment';
import { err, type Result } from '@flotilla/shared/base';
import { AsyncQueue, type Logger } from '@flotilla/shared/kit';
import {
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { PeerIdentity, RenewAnswer, RenewHandler } from '../../enrolment-port.ts';
import type { AgentListener, AgentStream } from '../../ports.ts';
import { agentStreamOf, refuseStranger } from './agent-stream.ts';
import type { ListenerTls } from './certificate-source.ts';
import { rawMethod, startGrpcServer } from './grpc-server.ts';
import { statusOfRefusal } from './refusal-status.ts';

/** What the agents' listener is started with. */
export interface AssignmentListenerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tls: ListenerTls;
  /** Whom a client certificate (DER) names: the one choke point of identity. */
  readonly readPeer: (certificateDer: Uint8Array) => Result<PeerIdentity, string>;
  /** Why a peer with a valid certificate is turned away, e.g. because its key was replaced; undefined = it is not. */
  readonly judgePeer?: (peer: PeerIdentity) => string | undefined;
  readonly renew: RenewHandler;
  readonly log: Logger;
}

/** The agents' listener, open. */
export interface AssignmentListener extends AgentListener {
  readonly port: number;
  /** New connections are answered with these certificates from now on. */
  setTls(tls: ListenerTls): void;
  /** Takes no new streams, waits for the open ones up to `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>;
}

/** Longest that a renewal may take before it is called off. */
const renewMs = 30_000;
/** Longest that a peer that is turned away may take to hear why. */
const farewellMs = 2_000;

/** Opens the agents' listener: mutual TLS, one Connect stream for each agent, Renew beside it. Rejects with GrpcListenError. */
export async function startAssignmentListener(
  options: AssignmentListenerOptions,
): Promise<AssignmentListener> {
  const streams = new AsyncQueue<AgentStream>();
  const server = await startGrpcServer({
    host: options.host,
    port: options.port,
    tls: options.tls,
    clientCertificates: 'required',
    services: [
      {
        definition: {
          connect: rawMethod(AssignmentServiceService.connect),
          renew: AssignmentServiceService.renew,
        },
        implementation: {
          connect: (call: ServerDuplexStream<Buffer, Buffer>) => takeStream(call, options, streams),
          renew: renewOf(options),
        },
      },
    ],
  });
  return {
    streams,
    port: server.port,
    setTls: (tls) => server.setTls(tls),
    async close(graceMs) {
      streams.end();
      await server.close(graceMs);
    },
  };
}

function takeStream(
  call: ServerDuplexStream<Buffer, Buffer>,
  options: AssignmentListenerOptions,
  streams: AsyncQueue<AgentStream>,
): void {
  const peer = peerOf(call, options);
  if (!peer.ok) {
    options.log.warn('refused a stream', { address: call.getPeer(), reason: peer.error });
    refuseStranger(call, peer.error);
    return;
  }
  const stream = agentStreamOf(call, peer.value.uid);
  const refusal = options.judgePeer?.(peer.value);
  if (refusal === undefined) {
    streams.push(stream);
    return;
  }
  options.log.warn('refused a stream', { cluster_uid: peer.value.uid, reason: refusal });
  turnAway(stream, refusal).catch(() => {
    // It is gone already.
  });
}

async function turnAway(stream: AgentStream, text: string): Promise<void> {
  const signal = AbortSignal.timeout(farewellMs);
  try {
    await stream.send({ kind: 'refused', code: 'NOT_REGISTERED', text, retryAfterMs: 0 }, signal);
  } finally {
    stream.close();
  }
}

function peerOf(
  call: Pick<ServerDuplexStream<Buffer, Buffer>, 'getAuthContext'>,
  options: AssignmentListenerOptions,
): Result<PeerIdentity, string> {
  const certificate = call.getAuthContext().sslPeerCertificate?.raw;
  return certificate === undefined
    ? err('no client certificate was presented')
    : options.readPeer(certificate);
}

function renewOf(options: AssignmentListenerOptions): handleUnaryCall<RenewRequest, RenewResponse> {
  return (call, callback) => {
    answerRenewal(options, call, callback).catch((error: unknown) => {
      options.log.error('renewal failed', { address: call.getPeer(), error });
      callback({ code: status.UNAVAILABLE, details: 'the hub cannot renew now' });
    });
  };
}

async function answerRenewal(
  options: AssignmentListenerOptions,
  call: ServerUnaryCall<RenewRequest, RenewResponse>,
  callback: sendUnaryData<RenewResponse>,
): Promise<void> {
  const peer = peerOf(call, options);
  if (!peer.ok) {
    callback({ code: status.UNAUTHENTICATED, details: peer.error });
    return;
  }
  const cancelled = new AbortController();
  call.on('cancelled', () => cancelled.abort());
  const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(renewMs)]);
  const { csrDer, natsUserKey } = call.request;
  const answer = await options.renew(peer.value, { csrDer, natsUserKey }, signal);
  if (answer.ok) callback(null, responseOf(answer.value));
  else callback(statusOfRefusal(answer.error));
}

function responseOf(answer: RenewAnswer): RenewResponse {
  return {
    certificateChain: answer.certificateChain.map((der) => Buffer.from(der)),
    caBundle: answer.caBundle.map((der) => Buffer.from(der)),
    natsUserJwt: answer.natsUserJwt,
    natsUrls: answer.natsUrls,
  };
}
