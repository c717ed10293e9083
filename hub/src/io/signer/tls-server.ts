import { isIP } from 'node:net';
import { err, ok, type Result } from '@flotilla/shared/base';
import { certificatesPem } from '@flotilla/shared/kit';
import { type FleetKeys, keyPem, newKey } from './fleet-keys.ts';
import { type AltName, issueLeafCertificate } from './x509.ts';

/** What a TLS listener of the hub is started with. */
export interface TlsServerMaterial {
  /** Leaf, hub CA and root: the root is sent too, because a joining agent looks for the pinned key in what it is shown. */
  readonly certPem: string;
  /** A secret. */
  readonly keyPem: string;
  /** What client certificates must chain to. */
  readonly caPem: string;
}

/** Made anew at each start, so its end is never met in practice. */
const serverLifeMs = 365 * 86_400_000;
const backdateMs = 300_000;
/** Always there: agents, tools and the hub itself on the same machine. */
const loopbackNames = ['localhost', '127.0.0.1', '::1'];
const namesMax = 50;
const hostPattern =
  /^(?=.{1,253}$)(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Accepts the host names and addresses that a listener's certificate is to be good for. */
export function parseServerNames(names: readonly string[]): Result<readonly AltName[], string> {
  const all = [...new Set([...loopbackNames, ...names.map((name) => name.toLowerCase())])];
  if (all.length > namesMax) return err(`${all.length} server names are more than ${namesMax}`);
  const bad = all.find((name) => isIP(name) === 0 && !hostPattern.test(name));
  if (bad !== undefined) {
    return err(`${JSON.stringify(bad.slice(0, 80))} is neither a host name nor an IP address`);
  }
  return ok(all.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })));
}

/** A new key with a certificate for TLS servers, under the hub CA. */
export async function issueTlsServer(
  keys: FleetKeys,
  altNames: readonly AltName[],
  nowMs: number,
): Promise<TlsServerMaterial> {
  const { privateKey, publicKey } = newKey();
  const leaf = await issueLeafCertificate(keys.hubCa, publicKey, {
    name: 'Flotilla hub',
    purpose: 'server',
    altNames,
    notBeforeMs: nowMs - backdateMs,
    notAfterMs: nowMs + serverLifeMs,
  });
  return {
    certPem: certificatesPem([leaf, keys.hubCaCertificate, keys.rootCertificate]),
    keyPem: keyPem(privateKey),
    caPem: certificatesPem([keys.rootCertificate]),
  };
}
