import { isSshUrl, parseSigner, parseSshUrl } from '@flotilla/shared/model';
import type { ClusterGroupSpec, ClusterSpec, FleetPolicySpec, SourceSpec } from '../model.ts';
import type { RawCluster, RawGroup, RawPolicy, RawSource } from '../schema/index.ts';
import type { Reading } from './reading.ts';
import { toSelector } from './to-selector.ts';

/** What a fleet without a policy has (rollout design, "Strategy, policy and window files"). */
export const policyDefaults: Pick<
  FleetPolicySpec,
  'autoJoinMax' | 'maxChanging' | 'maxChangingPerCluster' | 'maxWithdraw'
> = {
  maxChanging: { kind: 'percent', percent: 33 },
  maxChangingPerCluster: 3,
  maxWithdraw: { kind: 'percent', percent: 10 },
  autoJoinMax: { kind: 'percent', percent: 5 },
};

/** Name of the control repository among the sources; no Source may take it. */
export const controlSource = 'control';

/** Turns a fleet policy into the model. */
export function toPolicy(raw: RawPolicy, reading: Reading): FleetPolicySpec {
  const { spec } = raw;
  return {
    name: raw.metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    maxChanging: spec.maxChanging ?? policyDefaults.maxChanging,
    maxChangingPerCluster: spec.maxChangingPerCluster ?? policyDefaults.maxChangingPerCluster,
    maxWithdraw: spec.maxWithdraw ?? policyDefaults.maxWithdraw,
    autoJoinMax: spec.autoJoinMax ?? policyDefaults.autoJoinMax,
    defaultStrategy:
      spec.defaultStrategy === undefined
        ? undefined
        : { name: spec.defaultStrategy, at: reading.at(['spec', 'defaultStrategy']) },
  };
}

/** Turns a source into the model. */
export function toSource(raw: RawSource, reading: Reading): SourceSpec {
  if (raw.metadata.name === controlSource) {
    reading.complain('BAD_VALUE', ['metadata', 'name'], 'is taken by the control repository itself');
  }
  checkUrl(raw.spec.url, reading);
  if (isSshUrl(raw.spec.url) && raw.spec.credential === undefined) {
    const why = 'is reached over SSH, so spec.credential must name a key';
    reading.complain('CONTRADICTION', ['spec', 'url'], why);
  }
  for (const [index, text] of (raw.spec.verify?.signers ?? []).entries()) {
    const signer = parseSigner(text);
    if (!signer.ok) reading.complain('BAD_VALUE', ['spec', 'verify', 'signers', index], signer.error);
  }
  if (raw.spec.deliverCredentials === true) reading.notYet(['spec', 'deliverCredentials']);
  return {
    name: raw.metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    url: raw.spec.url,
    credential: raw.spec.credential,
    requiredSigners: (raw.spec.verify?.signers ?? []).map((text) => text.trim()),
    caBundlePem: raw.spec.caBundle,
  };
}

/** https and SSH anywhere, http on this machine only; whether that host is allowed is for the hub's configuration to say. */
function checkUrl(url: string, reading: Reading): void {
  const path = ['spec', 'url'];
  if (isSshUrl(url)) {
    const read = parseSshUrl(url);
    if (!read.ok) reading.complain('BAD_VALUE', path, read.error);
    return;
  }
  const parsed = /^(https?):\/\/([^/?#]*)(\/[^?#\s]*)$/.exec(url);
  if (parsed === null) {
    reading.complain(
      'BAD_VALUE',
      path,
      'is not a repository URL such as https://git.example.com/team/repo.git or git@git.example.com:team/repo.git',
    );
    return;
  }
  const [, scheme, authority = ''] = parsed;
  if (authority.includes('@')) {
    reading.complain(
      'BAD_VALUE',
      path,
      'holds a user or password; name a credential in spec.credential instead',
    );
    return;
  }
  const isLoopback = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$/.test(authority);
  if (scheme === 'http' && !isLoopback) {
    reading.complain('BAD_VALUE', path, 'is plain http, which is for loopback hosts only; use https');
  }
}

/** Turns a cluster group into the model. */
export function toGroup(raw: RawGroup, reading: Reading): ClusterGroupSpec {
  if (raw.spec.clusters.group !== undefined) {
    reading.complain('CONTRADICTION', ['spec', 'clusters', 'group'], 'names a group, but groups do not nest');
  }
  return {
    name: raw.metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    clusters: toSelector(raw.spec.clusters, ['spec', 'clusters'], reading),
  };
}

/** Turns a cluster document into the model. */
export function toCluster(raw: RawCluster, reading: Reading): ClusterSpec {
  const taints = raw.spec?.taints ?? [];
  for (const [index, taint] of taints.entries()) {
    if (taints.slice(0, index).some((one) => one.key === taint.key)) {
      reading.complain('CONTRADICTION', ['spec', 'taints', index], 'has the key of an earlier taint');
    }
  }
  return {
    name: raw.metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    labels: raw.metadata.labels ?? {},
    taints: taints.map((taint) => ({ key: taint.key, value: taint.value ?? '' })),
    isCordoned: raw.spec?.cordon ?? false,
  };
}
