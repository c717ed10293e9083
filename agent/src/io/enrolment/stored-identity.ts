import type { Json } from '@flotilla/shared/base';
import { parseClusterName, parseClusterUid, parseHubId } from '@flotilla/shared/base';
import type { AgentIdentity, StateStore } from '../../ports.ts';
import { EnrolmentError } from './enrolment-error.ts';

const identityKey = 'identity';
const identityFormat = 1;

/** Keeps the identity; durable when resolved. */
export async function writeIdentity(
  store: StateStore,
  identity: AgentIdentity,
  signal: AbortSignal,
): Promise<void> {
  await store.write(identityKey, { format: identityFormat, ...identity }, signal);
}

/** The identity that was kept; undefined when this agent has none yet. Rejects when it is of a newer format or damaged. */
export async function readIdentity(
  store: StateStore,
  signal: AbortSignal,
): Promise<AgentIdentity | undefined> {
  const value = await store.read(identityKey, signal);
  if (value === undefined) return undefined;
  const record = fieldsOf(value);
  if (typeof record['format'] === 'number' && record['format'] > identityFormat) {
    throw new EnrolmentError('the stored identity was written by a newer agent: run that version', {
      code: 'IDENTITY_FORMAT_TOO_NEW',
      retry: 'never',
    });
  }
  const texts = [
    'agentsAddress',
    'privateKeyPem',
    'certificateChainPem',
    'caBundlePem',
    'natsSeed',
    'natsUserJwt',
  ] as const;
  const [hubId, clusterUid, clusterName] = [
    parseHubId(text(record, 'hubId')),
    parseClusterUid(text(record, 'clusterUid')),
    parseClusterName(text(record, 'clusterName')),
  ];
  const urls = record['natsUrls'];
  const natsUrls = Array.isArray(urls) ? urls.filter((one) => typeof one === 'string') : [];
  if (!hubId.ok || !clusterUid.ok || !clusterName.ok || texts.some((name) => text(record, name) === '')) {
    throw new EnrolmentError('the stored identity is damaged: join again with a new token for this cluster', {
      code: 'IDENTITY_DAMAGED',
      retry: 'never',
    });
  }
  return {
    hubId: hubId.value,
    clusterUid: clusterUid.value,
    clusterName: clusterName.value,
    agentsAddress: text(record, 'agentsAddress'),
    privateKeyPem: text(record, 'privateKeyPem'),
    certificateChainPem: text(record, 'certificateChainPem'),
    caBundlePem: text(record, 'caBundlePem'),
    natsSeed: text(record, 'natsSeed'),
    natsUserJwt: text(record, 'natsUserJwt'),
    natsUrls,
  };
}

function fieldsOf(value: Json): { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? // An object that is neither null nor a list is a record of JSON values.
      (value as { readonly [key: string]: Json | undefined })
    : {};
}

function text(record: { readonly [key: string]: Json | undefined }, name: string): string {
  const value = record[name];
  return typeof value === 'string' ? value : '';
}
