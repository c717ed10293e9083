import { connect, type DetailedPeerCertificate } from 'node:tls';
import { certificatesPem, publicKeyPin, tlsVersionMin } from '@flotilla/shared/kit';
import { EnrolmentError } from './enrolment-error.ts';

const probeMs = 10_000;
/** A chain longer than this is not ours. */
const chainMax = 8;

/**
 * Looks at the certificates that a hub shows and picks the authority whose public key is pinned. The connection carries
 * nothing: an unverified first call would hand the token to anyone in between. The call itself is then made with this
 * authority as the only root and full verification. Rejects with EnrolmentError naming expected and presented pins.
 */
export async function findPinnedAuthority(
  target: { readonly address: string; readonly pins: readonly string[] },
  signal: AbortSignal,
): Promise<string> {
  const chain = await presentedChain(target.address, signal);
  const found = chain.find((der) => target.pins.includes(publicKeyPin(der)));
  if (found) return certificatesPem([found]);
  const shown = chain.map((der) => publicKeyPin(der)).join(', ') || 'none';
  throw new EnrolmentError(
    `the hub at ${target.address} is not the one that made the join line: expected an authority with pin ` +
      `${target.pins.join(' or ')}, presented ${shown}; somebody may be in between, or the line is of another hub: make a ` +
      'new one with "flotilla cluster join-command"',
    { code: 'PIN_MISMATCH', retry: 'never' },
  );
}

function presentedChain(address: string, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    // Verification is the caller's: nothing is sent, and what is shown only counts when its key is pinned.
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      minVersion: tlsVersionMin,
      ALPNProtocols: ['h2'],
    });
    const end = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      act();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(probeMs, () => end(() => reject(unreachable(address, 'no answer within 10 s'))));
    socket.once('error', (error) => end(() => reject(unreachable(address, error.message, error))));
    socket.once('secureConnect', () => {
      // Read before the socket is given up: afterwards it shows nothing.
      const chain = chainOf(socket.getPeerCertificate(true));
      end(() => resolve(chain));
    });
  });
}

function chainOf(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let current: DetailedPeerCertificate | undefined = leaf;
  while (current?.raw !== undefined && chain.length < chainMax) {
    chain.push(current.raw);
    const above: DetailedPeerCertificate | undefined = current.issuerCertificate;
    current = above === current ? undefined : above;
    if (
      current !== undefined &&
      chain.some((der) => Buffer.from(der).equals(current?.raw ?? Buffer.alloc(0)))
    )
      break;
  }
  return chain;
}

function unreachable(address: string, why: string, cause?: unknown): EnrolmentError {
  return new EnrolmentError(
    `the hub cannot be reached at ${address}: ${why}; check that this machine can open a TCP connection there`,
    { code: 'HUB_UNREACHABLE', retry: 'backoff', cause },
  );
}

/** host and port of `HOST:PORT` or `[IPV6]:PORT`; the join line's parser has checked the form. */
function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
