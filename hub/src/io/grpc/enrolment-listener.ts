import { EnrolmentServiceService, type EnrolRequest, type EnrolResponse } from '@flotilla/proto/enrolment';
import { err, limits, ok, type Result } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import { type handleUnaryCall, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { EnrolAnswer, EnrolCall, EnrolHandler, EnrolRefusal } from '../../enrolment-port.ts';
import type { ListenerTls } from './certificate-source.ts';
import { startGrpcServer } from './grpc-server.ts';
import { statusOfRefusal } from './refusal-status.ts';

/** What the enrolment listener is started with. */
export interface EnrolmentListenerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The chain must hold the CA: a joining agent looks for the pinned key in it. */
  readonly tls: ListenerTls;
  readonly enrol: EnrolHandler;
  readonly log: Logger;
}

/** The listener on which new agents redeem their tokens, open. */
export interface EnrolmentListener {
  readonly port: number;
  /** New connections are answered with these certificates from now on. */
  setTls(tls: ListenerTls): void;
  /** Takes no new calls, waits for the open ones up to `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>;
}

/** Longest that an enrolment may take before it is called off; nothing is given away then. */
const enrolMs = 30_000;

/**
 * Opens the enrolment listener: server-authenticated TLS on a port of its own, because the agents' listener demands a
 * client certificate. Rejects with GrpcListenError.
 */
export async function startEnrolmentListener(options: EnrolmentListenerOptions): Promise<EnrolmentListener> {
  return startGrpcServer({
    host: options.host,
    port: options.port,
    tls: options.tls,
    clientCertificates: 'none',
    services: [{ definition: EnrolmentServiceService, implementation: { enrol: enrolOf(options) } }],
  });
}

function enrolOf(options: EnrolmentListenerOptions): handleUnaryCall<EnrolRequest, EnrolResponse> {
  return (call, callback) => {
    answer(options, call, callback).catch((error: unknown) => {
      options.log.error('enrolment failed', { address: call.getPeer(), error });
      callback({ code: status.UNAVAILABLE, details: 'the hub cannot enrol now: its records are away' });
    });
  };
}

async function answer(
  options: EnrolmentListenerOptions,
  call: ServerUnaryCall<EnrolRequest, EnrolResponse>,
  callback: sendUnaryData<EnrolResponse>,
): Promise<void> {
  const request = readRequest(call.request, hostOf(call.getPeer()));
  if (!request.ok) {
    callback(statusOfRefusal(request.error));
    return;
  }
  // Not called off when the caller goes away: what is begun is finished, and found when it asks again.
  const answered = await options.enrol(request.value, AbortSignal.timeout(enrolMs));
  if (answered.ok) callback(null, responseOf(answered.value));
  else callback(statusOfRefusal(answered.error));
}

/** Bounds every word of a stranger before anything else looks at it. */
function readRequest(request: EnrolRequest, remoteAddress: string): Result<EnrolCall, EnrolRefusal> {
  const { csrDer, wishedName } = request;
  const words = {
    token_id: request.tokenId,
    token_secret: request.tokenSecret,
    nats_user_key: request.natsUserKey,
    kube_system_uid: request.kubeSystemUid,
    agent_version: request.agentVersion,
    wished_name: wishedName,
  };
  for (const [field, word] of Object.entries(words)) {
    if (word.length > limits.frameNameMax) {
      return invalid(`${field} has ${word.length} characters, more than ${limits.frameNameMax}`);
    }
  }
  if (csrDer.length > limits.csrBytesMax) {
    return invalid(`csr_der has ${csrDer.length} bytes, more than ${limits.csrBytesMax}`);
  }
  return ok({
    tokenId: request.tokenId,
    tokenSecret: request.tokenSecret,
    csrDer,
    natsUserKey: request.natsUserKey,
    kubeSystemUid: request.kubeSystemUid,
    agentVersion: request.agentVersion,
    wishedName: wishedName === '' ? undefined : wishedName,
    remoteAddress,
  });
}

function responseOf(answer: EnrolAnswer): EnrolResponse {
  return {
    hubId: answer.hubId,
    clusterUid: answer.clusterUid,
    clusterName: answer.clusterName,
    certificateChain: answer.certificateChain.map((der) => Buffer.from(der)),
    caBundle: answer.caBundle.map((der) => Buffer.from(der)),
    natsUserJwt: answer.natsUserJwt,
    natsUrls: answer.natsUrls,
    agentsAddress: answer.agentsAddress,
  };
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` without the port. */
function hostOf(peer: string): string {
  return peer.replace(/:\d+$/, '');
}

function invalid(text: string): Result<never, EnrolRefusal> {
  return err({ code: 'REQUEST_INVALID', text });
}
