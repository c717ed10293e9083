import type { Json, Result } from '@flotilla/shared/base';
import { err, ok, sha256Hex, stableJson } from '@flotilla/shared/base';
import type { JobCheck, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { applySetPrefix, checkLabel, checkOfLabel, checkVersionAnnotation } from '../inventory/index.ts';
import { flotillaGroup, ownerAnnotation } from '../inventory/names.ts';
import { type LocalPolicy, refuseObject } from '../policy/index.ts';

/** Whose check it is, and where it runs. */
export interface JobCheckContext {
  readonly placement: string;
  /** formatVersion() of the row. */
  readonly version: string;
  /** Mark of this agent. */
  readonly owner: string;
  /** Of a manifest that names none. */
  readonly namespace: string | undefined;
  /** Nothing runs there. */
  readonly agentNamespace: string;
  /** What the cluster accepts; undefined = everything. */
  readonly policy?: LocalPolicy | undefined;
}

/** The Job of a check with its reference. */
export interface JobToRun {
  readonly ref: ObjectRef & { readonly namespace: string };
  readonly object: KubeObject;
}

/** A Job's name is a label of its pods. */
const nameMax = 63;

/**
 * The Job of a check at one version of the row, with a name that follows from both: made twice it is the same Job. It
 * carries no label of a set, so nothing that applies or prunes a set ever sees it. The error is why it can never run.
 */
export function jobFor(check: JobCheck, context: JobCheckContext): Result<JobToRun, string> {
  const manifest = parseManifest(check.jobJson);
  if (manifest === undefined) return err('its manifest is not the JSON of a Job with a pod template');
  const { metadata, spec, template } = manifest;
  const { namespace: own } = metadata;
  const namespace = typeof own === 'string' && own !== '' ? own : context.namespace;
  if (namespace === undefined) return err('its Job names no namespace, and the placement has none');
  if (namespace === context.agentNamespace) return err("its Job is for the agent's own namespace");
  const job = { group: 'batch', version: 'v1', kind: 'Job', namespace, name: check.name };
  const refusal = refuseObject(job, context.policy);
  if (refusal !== undefined) return err(refusal.text);
  const templateMetadata = recordAt(template, 'metadata');
  const given = [metadata, templateMetadata].flatMap((one) => [
    ...Object.keys(recordAt(one, 'labels')),
    ...Object.keys(recordAt(one, 'annotations')),
  ]);
  const reserved = given.find(isReserved);
  if (reserved !== undefined) return err(`its Job carries ${reserved}, which is not for manifests`);
  const marks = { [checkLabel]: check.name, [checkOfLabel]: context.placement };
  const name = jobName(check, context);
  const pod = recordAt(template, 'spec');
  // A selector of its own would take in, and delete, pods of others; the server makes one that does not.
  const {
    ttlSecondsAfterFinished: _ttl,
    suspend: _suspend,
    manualSelector: _manual,
    selector: _selector,
    ...kept
  } = spec;
  const object = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels: { ...recordAt(metadata, 'labels'), ...marks },
      annotations: {
        ...recordAt(metadata, 'annotations'),
        [ownerAnnotation]: context.owner,
        [checkVersionAnnotation]: context.version,
      },
    },
    spec: {
      ...kept,
      template: {
        ...template,
        metadata: { ...templateMetadata, labels: { ...recordAt(templateMetadata, 'labels'), ...marks } },
        spec: { restartPolicy: 'Never', ...pod },
      },
    },
  };
  const ref = { group: 'batch', version: 'v1', kind: 'Job', namespace, name };
  // Whether labels and annotations hold texts is for the API server to say.
  return ok({ ref, object: object as KubeObject });
}

/** Whether a live Job of this name is the one that we made, and no stranger's. */
export function isOwnJob(
  job: KubeObject,
  {
    check,
    placement,
    version,
    owner,
  }: Omit<JobCheckContext, 'namespace' | 'agentNamespace'> & {
    readonly check: string;
  },
): boolean {
  const { labels, annotations } = job.metadata;
  return (
    labels?.[checkLabel] === check &&
    labels[checkOfLabel] === placement &&
    annotations?.[ownerAnnotation] === owner &&
    annotations[checkVersionAnnotation] === version
  );
}

function jobName({ name }: JobCheck, { placement, version, owner }: JobCheckContext): string {
  const hash = sha256Hex(stableJson([owner, placement, name, version])).slice(0, 10);
  const readable = `check-${placement}-${name}`.slice(0, nameMax - hash.length - 1).replace(/-+$/, '');
  return `${readable}-${hash}`;
}

/** Names that belong to us, and to tools that keep sets. */
function isReserved(name: string): boolean {
  return name.startsWith(`${flotillaGroup}/`) || name.startsWith(applySetPrefix);
}

type Fields = { readonly [name: string]: unknown };

function parseManifest(
  text: string,
): { readonly metadata: Fields; readonly spec: Fields; readonly template: Fields } | undefined {
  const manifest = parseJson(text);
  if (!isRecord(manifest)) return undefined;
  const { spec } = manifest;
  if (!isRecord(spec) || !isRecord(spec['template'])) return undefined;
  return { metadata: recordAt(manifest, 'metadata'), spec, template: spec['template'] };
}

function recordAt(value: Fields, name: string): Fields {
  const found = value[name];
  return isRecord(found) ? found : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
