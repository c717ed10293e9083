import { isIP } from 'node:net';
import { err, ok, type Result } from '../../base/index.ts';

/** Addresses that share their first bits. */
export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Ranges that Kubernetes installers give to pods and Services when nobody says otherwise: kubeadm, kind and minikube
 * (10.96.0.0/12, 10.244.0.0/16, fd00:10:…), k3s and RKE2 (10.42 and 10.43), OpenShift (10.128.0.0/14, 172.30.0.0/16), EKS
 * (10.100.0.0/16 within the first, 172.20.0.0/16) and GKE (34.118.224.0/20), each from its own documentation. A Git URL must
 * not lead a hub or an agent to what only the inside of a cluster may reach.
 */
export const clusterRanges: readonly string[] = [
  '10.42.0.0/15',
  '10.96.0.0/12',
  '10.128.0.0/14',
  '10.244.0.0/16',
  '34.118.224.0/20',
  '172.20.0.0/16',
  '172.30.0.0/16',
  'fd00:10:96::/112',
  'fd00:10:244::/56',
];

/** Reads `10.96.0.0/12` or `fd00::/8`. The error is a clause that follows the name of a setting. */
export function parseAddressRange(text: string): Result<AddressRange, string> {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const version = isIP(address);
  const prefix = Number(prefixText);
  const isPrefix = /^[0-9]{1,3}$/.test(prefixText) && prefix <= (version === 6 ? 128 : 32);
  if (version === 0 || !isPrefix || rest.length > 0) {
    return err(`is not an address range such as 10.96.0.0/12: ${JSON.stringify(text.slice(0, 80))}`);
  }
  return ok({ address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' });
}

/** The text itself when it is a range: for settings. */
export function checkAddressRange(text: string): Result<string, string> {
  const read = parseAddressRange(text);
  return read.ok ? ok(text) : read;
}
