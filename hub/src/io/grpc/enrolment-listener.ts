import { EnrolmentServiceService, type EnrolRequest, type EnrolResponse } from '@flotilla/proto/enrolment';
import type { Logger } from '@flotilla/shared/kit';
import { type handleUnaryCall, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { EnrolAnswer, EnrolCall, EnrolHandler } from '../../enrolment-port.ts';
import type { ListenerTls } from './certificate-source.ts';
import { startGrpcServer } from './grpc-server.ts';
import { statusOfRefusal } from './refusal-status.ts';

/** What the listener is opened with. */
export interface EnrolmentListenerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tls: ListenerTls;
  readonly enrol: EnrolHandler;
  readonly log: Logger;
}

/** The listener where new agents redeem their tokens, open. */
export interface EnrolmentListener {
  readonly port: number;
  /** New connections are answered with these certificates from now on. */
  setTls(tls: ListenerTls): void;
  /** Takes no new calls, waits for the open ones up to `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>;
}

/** Longest that an enrolment may take before it is called off. */
const enrolMs = 30_000;

/** Opens the enrolment listener: TLS by the server alone, because a new agent has no certificate. Rejects with GrpcListenError. */
export async function startEnrolmentListener(options: EnrolmentListenerOptions): Promise<EnrolmentListener> {
  return await startGrpcServer({
    host: options.host,
    port: options.port,
    tls: options.tls,
    clientCertificates: 'none',
    services: [{ definition: EnrolmentServiceService, implementation: { enrol: enrolOf(options) } }],
  });
}

function enrolOf(options: EnrolmentListenerOptions): handleUnaryCall<EnrolRequest, EnrolResponse> {
  return (call, callback) => {
    answerEnrolment(options, call, callback).catch((error: unknown) => {
      options.log.error('enrolment failed', { address: call.getPeer(), error });
      callback({ code: status.UNAVAILABLE, details: 'the hub cannot reach its records now: try again' });
    });
  };
}

async function answerEnrolment(
  options: EnrolmentListenerOptions,
  call: ServerUnaryCall<EnrolRequest, EnrolResponse>,
  callback: sendUnaryData<EnrolResponse>,
): Promise<void> {
  const cancelled = new AbortController();
  call.on('cancelled', () => cancelled.abort());
  const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(enrolMs)]);
  const answer = await options.enrol(callOf(call), signal);
  if (answer.ok) callback(null, responseOf(answer.value));
  else callback(statusOfRefusal(answer.error));
}

function callOf(call: ServerUnaryCall<EnrolRequest, EnrolResponse>): EnrolCall {
  const { agentVersion, csrDer, kubeSystemUid, natsUserKey, tokenId, tokenSecret, wishedName } = call.request;
  return {
    tokenId,
    tokenSecret,
    csrDer,
    natsUserKey,
    kubeSystemUid,
    agentVersion,
    wishedName: wishedName === '' ? undefined : wishedName,
    remoteAddress: call.getPeer().replace(/:\d+$/, ''),
  };
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
