import { connect, type DetailedPeerCertificate } from 'node:tls';
import { errorCode } from '@flotilla/shared/base';
import { tlsVersionMin } from '@flotilla/shared/kit';
import { EnrolmentError } from './enrolment-error.ts';

const probeMs = 10_000;
/** A chain longer than this is not ours. */
const chainMax = 8;

/** A TLS handshake that sends nothing afterwards. */
export interface TlsProbe {
  /** `HOST:PORT`, an IPv6 address in brackets. */
  readonly address: string;
  /** The only root that counts, with full verification of chain and name; undefined = look at what is shown, verify nothing. */
  readonly rootPem: string | undefined;
}

/**
 * Makes a handshake and hangs up. Resolves to what the server shows, DER, leaf first. Rejects with EnrolmentError
 * HUB_UNREACHABLE or NOT_TLS, and, when a root is given, with the TLS library's own error about the certificate.
 */
export function probeTls(probe: TlsProbe, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  const { host, port } = splitAddress(probe.address);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({
      host,
      port,
      minVersion: tlsVersionMin,
      ALPNProtocols: ['h2'],
      // Without a root, what is shown only counts when its key is pinned; that is the caller's part.
      rejectUnauthorized: probe.rootPem !== undefined,
      ...(probe.rootPem === undefined ? {} : { ca: probe.rootPem }),
    });
    const end = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.on('error', () => {});
      socket.destroy();
      act();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(probeMs, () => end(() => reject(unreachable(probe.address, 'no answer within 10 s'))));
    socket.once('error', (error) => end(() => reject(explained(probe, error))));
    socket.once('secureConnect', () => {
      // Read before the socket is given up: afterwards it shows nothing.
      const chain = chainOf(socket.getPeerCertificate(true));
      end(() => resolve(chain));
    });
  });
}

function chainOf(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: Buffer[] = [];
  let current: DetailedPeerCertificate | undefined = leaf;
  while (current?.raw !== undefined && chain.length < chainMax) {
    const { raw } = current;
    // A root names itself as its issuer.
    if (chain.some((der) => der.equals(raw))) break;
    chain.push(raw);
    current = current.issuerCertificate;
  }
  return chain;
}

/** Errors of the network in our words; errors about certificates as they are. */
function explained({ address }: TlsProbe, error: Error): Error {
  const code = errorCode(error) ?? '';
  if (/^(?:ERR_SSL_|EPROTO)/.test(code)) {
    return new EnrolmentError(
      `the server at ${address} does not speak TLS 1.3 as a hub does (${code}): is that the enrolment address of the hub?`,
      { code: 'NOT_TLS', retry: 'never', cause: error },
    );
  }
  return /^E[A-Z]+$/.test(code) || code.startsWith('EAI_')
    ? unreachable(address, error.message, error)
    : error;
}

function unreachable(address: string, why: string, cause?: unknown): EnrolmentError {
  return new EnrolmentError(
    `the hub cannot be reached at ${address}: ${why}; check that this machine can open a TCP connection there`,
    { code: 'HUB_UNREACHABLE', retry: 'backoff', cause },
  );
}

/** host and port of `HOST:PORT` or `[IPV6]:PORT`; the join line's parser has checked the form. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
