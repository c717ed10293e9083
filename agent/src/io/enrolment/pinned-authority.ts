import { X509Certificate } from 'node:crypto';
import { errorCode } from '@flotilla/shared/base';
import { certificatesPem, publicKeyPin } from '@flotilla/shared/kit';
import { EnrolmentError } from './enrolment-error.ts';
import { probeTls, splitAddress } from './tls-probe.ts';

/** Where a hub is said to be, and how it is known. */
export interface HubTarget {
  /** `HOST:PORT` of the enrolment listener. */
  readonly address: string;
  readonly pins: readonly string[];
  /** Takes whatever authority is shown; only for hubs on this very machine. */
  readonly skipsPin: boolean;
}

/**
 * Looks at the certificates that a hub shows, picks the authority whose public key is pinned, and makes sure that it
 * really vouches for the server at this address. Both connections carry nothing: an unverified call would hand the token
 * to anyone in between. Rejects with EnrolmentError, naming what was expected, what was presented and what to do.
 */
export async function findPinnedAuthority(target: HubTarget, signal: AbortSignal): Promise<string> {
  const chain = await probeTls({ address: target.address, rootPem: undefined }, signal);
  const rootPem = certificatesPem([chooseAuthority(target, chain)]);
  try {
    await probeTls({ address: target.address, rootPem }, signal);
  } catch (error) {
    if (error instanceof EnrolmentError || signal.aborted) throw error;
    throw distrust(target.address, chain, error);
  }
  return rootPem;
}

function chooseAuthority(target: HubTarget, chain: readonly Uint8Array[]): Uint8Array {
  const authorities = chain.filter(isAuthority);
  if (target.skipsPin) return anyAuthority(target, authorities);
  const found = authorities.find((der) => target.pins.includes(publicKeyPin(der)));
  if (found !== undefined) return found;
  throw new EnrolmentError(
    `the hub at ${target.address} is not the one that made the join line: expected an authority with pin ` +
      `${target.pins.join(' or ')}, presented ${chain.map(shown).join(', ') || 'none'}; somebody may be in between, or ` +
      'the line is of another hub: make a new one with "flotilla cluster join-command"',
    { code: 'PIN_MISMATCH', retry: 'never' },
  );
}

function anyAuthority(target: HubTarget, authorities: readonly Uint8Array[]): Uint8Array {
  const { host } = splitAddress(target.address);
  if (host !== 'localhost' && host !== '::1' && !/^127\./.test(host)) {
    throw new EnrolmentError(`the pin may be skipped on loopback addresses only, and ${host} is none`, {
      code: 'PIN_SKIPPED',
      retry: 'never',
    });
  }
  const root = authorities.at(-1);
  if (root !== undefined) return root;
  throw new EnrolmentError(`the hub at ${target.address} shows no authority`, {
    code: 'PIN_MISMATCH',
    retry: 'never',
  });
}

/** An authority that signed itself: nothing else can be the one root of a chain. */
function isAuthority(der: Uint8Array): boolean {
  const certificate = new X509Certificate(der);
  return certificate.ca && certificate.verify(certificate.publicKey);
}

function shown(der: Uint8Array): string {
  const { subject } = new X509Certificate(der);
  return `${publicKeyPin(der)} (${subject?.replaceAll('\n', ' ').slice(0, 80) ?? ''})`;
}

/** Why a server that shows the pinned authority is not talked to all the same. */
function distrust(address: string, chain: readonly Uint8Array[], error: unknown): EnrolmentError {
  const code = errorCode(error);
  const leaf = chain[0] === undefined ? undefined : new X509Certificate(chain[0]);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new EnrolmentError(
      `the hub's certificate is not for ${splitAddress(address).host}, but for ${leaf?.subjectAltName ?? 'nothing'}: use ` +
        'one of these names in the join line, or start the hub with that address among its --advertise-hosts',
      { code: 'HOST_MISMATCH', retry: 'never', cause: error },
    );
  }
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
    return clockError(
      `the hub's certificate is valid from ${leaf?.validFrom} to ${leaf?.validTo}`,
      Date.now(),
      error,
    );
  }
  return new EnrolmentError(
    `the server at ${address} shows the pinned authority, but its own certificate was not issued by it for a server ` +
      `(${code ?? 'unknown reason'}): somebody may be in between; nothing was sent`,
    { code: 'CHAIN_INVALID', retry: 'never', cause: error },
  );
}

/** The clocks of hub and agent disagree. It may be set right any moment, so it is tried again. */
export function clockError(fact: string, nowMs: number, cause?: unknown): EnrolmentError {
  return new EnrolmentError(
    `${fact}, and this machine's clock says ${new Date(nowMs).toUTCString()}: set the clock of this machine, or of the hub's`,
    { code: 'CLOCK_SKEW', retry: 'backoff', cause },
  );
}
