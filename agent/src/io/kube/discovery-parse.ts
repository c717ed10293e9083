import type { KubeDiscovery, KubeResource } from '../../kube-port.ts';
import { objectOf, textOf } from './status-body.ts';

/** Accept header that asks for aggregated discovery (KEP-3352), with the older form as the server's way out. */
export const aggregatedAccept = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

type FailedGroup = KubeDiscovery['failedGroups'][number];

/** One group and version still to be asked for, in the older form of discovery. */
export interface GroupVersionPath {
  readonly group: string;
  readonly version: string;
  readonly path: string;
}

/** True when a body is an aggregated answer. */
export function isAggregated(body: Readonly<Record<string, unknown>>): boolean {
  return body['kind'] === 'APIGroupDiscoveryList';
}

/** Reads an aggregated answer: groups with versions, preferred first; `Stale` versions are failed ones. */
export function parseAggregated(body: Readonly<Record<string, unknown>>): KubeDiscovery {
  const resources: KubeResource[] = [];
  const failedGroups: FailedGroup[] = [];
  for (const group of objectsIn(body['items'])) {
    const name = textOf(objectOf(group['metadata'])?.['name']);
    for (const version of objectsIn(group['versions'])) {
      const versionName = textOf(version['version']);
      if (version['freshness'] === 'Stale')
        failedGroups.push({ group: name, version: versionName, text: 'its API server did not answer' });
      for (const resource of objectsIn(version['resources']))
        resources.push(...aggregatedResource(name, versionName, resource));
    }
  }
  return { resources, failedGroups };
}

/** Reads `/api` (core versions) of the older form. */
export function parseCoreVersions(body: Readonly<Record<string, unknown>>): readonly GroupVersionPath[] {
  return textsIn(body['versions']).map((version) => ({ group: '', version, path: `/api/${version}` }));
}

/** Reads `/apis` of the older form: each group's versions, its preferred one first. */
export function parseGroupVersions(body: Readonly<Record<string, unknown>>): readonly GroupVersionPath[] {
  return objectsIn(body['groups']).flatMap((group) => {
    const name = textOf(group['name']);
    const preferred = textOf(objectOf(group['preferredVersion'])?.['version']);
    const versions = objectsIn(group['versions']).map((version) => textOf(version['version']));
    const ordered = [preferred, ...versions.filter((version) => version !== preferred)].filter(Boolean);
    return ordered.map((version) => ({ group: name, version, path: `/apis/${name}/${version}` }));
  });
}

/** Reads an APIResourceList of the older form. */
export function parseResourceList(
  body: Readonly<Record<string, unknown>>,
  from: GroupVersionPath,
): readonly KubeResource[] {
  const entries = objectsIn(body['resources']);
  const names = entries.map((entry) => textOf(entry['name']));
  return entries
    .filter((entry) => !textOf(entry['name']).includes('/'))
    .map((entry) => ({
      group: from.group,
      version: from.version,
      kind: textOf(entry['kind']),
      resource: textOf(entry['name']),
      isNamespaced: entry['namespaced'] === true,
      verbs: textsIn(entry['verbs']),
      hasStatus: names.includes(`${textOf(entry['name'])}/status`),
    }));
}

function aggregatedResource(
  group: string,
  version: string,
  resource: Readonly<Record<string, unknown>>,
): readonly KubeResource[] {
  const kind = textOf(objectOf(resource['responseKind'])?.['kind']);
  const subresources = objectsIn(resource['subresources']).map((entry) => textOf(entry['subresource']));
  // A resource without a kind or verbs is only the parent of its subresources.
  if (kind === '' || textsIn(resource['verbs']).length === 0) return [];
  return [
    {
      group,
      version,
      kind,
      resource: textOf(resource['resource']),
      isNamespaced: resource['scope'] === 'Namespaced',
      verbs: textsIn(resource['verbs']),
      hasStatus: subresources.includes('status'),
    },
  ];
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.map((item) => objectOf(item)).filter((item) => item !== undefined);
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
