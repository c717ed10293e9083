import type { LiveBody, Snapshot } from './snapshot.ts';

/** One place where two clusters differ. */
export interface Difference {
  /** `group/Kind namespace/name`. */
  readonly object: string;
  readonly text: string;
}

/** What the API server writes itself, differently for each object; nothing else of the metadata is left out. */
const ownMetadata = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields'];

/** Our labels and annotations, and those that the ApplySet specification asks for. */
const ownMarks = ['flotilla.dev/', 'applyset.kubernetes.io/'];

/**
 * What is on one cluster and not on the other, or otherwise. Left out: `uid`, `resourceVersion`, `generation`,
 * `creationTimestamp`, `managedFields`, `status`, and our own labels and annotations. Addresses and ports that the API server
 * draws for a Service differ between any two clusters: of them only that there is one is compared.
 */
export function compareSnapshots(reference: Snapshot, ours: Snapshot): readonly Difference[] {
  const missing = [...reference.keys()].filter((key) => !ours.has(key));
  const extra = [...ours.keys()].filter((key) => !reference.has(key));
  const common = [...reference].flatMap(([key, body]) => {
    const other = ours.get(key);
    return other === undefined ? [] : compareBodies(key, body, other);
  });
  return [
    ...missing.map((object) => ({ object, text: 'is only on the cluster of kubectl' })),
    ...extra.map((object) => ({ object, text: 'is only on the cluster of the agent' })),
    ...common,
  ];
}

function compareBodies(object: string, reference: LiveBody, ours: LiveBody): readonly Difference[] {
  const [one, other] = [normalized(reference), normalized(ours)];
  const isDefaulted = reference.kind === 'Job' && one.metadata['labels'] !== undefined;
  const same = isDefaulted && other.metadata['labels'] === undefined ? withTemplateLabels(other) : other;
  return differences(one, same, '').map((text) => ({ object, text }));
}

/**
 * A Job without any label gets those of its template when it is made (SetDefaults_Job of batch/v1); ours had a label, which
 * was left out here.
 */
function withTemplateLabels(job: Plain): Plain {
  // Every Job that the API server gave has a template with metadata.
  const { spec } = job as unknown as {
    readonly spec: { readonly template: { readonly metadata: { readonly labels: unknown } } };
  };
  return { ...job, metadata: { ...job.metadata, labels: spec.template.metadata.labels } };
}

type Plain = Readonly<Record<string, unknown>> & { readonly metadata: Readonly<Record<string, unknown>> };

/** An object without what has to differ. Where it repeats its own uid (a Job in its labels), that is said. */
function normalized(whole: LiveBody): Plain {
  const uid = String(whole.metadata['uid'] ?? '');
  // Text of a body that was JSON before.
  const body =
    uid === '' ? whole : (JSON.parse(JSON.stringify(whole).replaceAll(uid, '(its uid)')) as LiveBody);
  const { status: _status, metadata, ...rest } = body;
  const kept = Object.entries(metadata).filter(([name]) => !ownMetadata.includes(name));
  const marked = kept.flatMap(([name, value]) => {
    if (name !== 'labels' && name !== 'annotations') return [[name, value] as const];
    const left = Object.entries((value ?? {}) as Readonly<Record<string, unknown>>).filter(
      ([key]) => !ownMarks.some((mark) => key.startsWith(mark)),
    );
    return left.length === 0 ? [] : [[name, Object.fromEntries(left)] as const];
  });
  const plain = { ...rest, metadata: Object.fromEntries(marked) };
  return body.apiVersion === 'v1' && body.kind === 'Service' ? withoutAllocations(plain) : plain;
}

const allocated = '(drawn by the server)';

function withoutAllocations(service: Plain): Plain {
  const spec = { ...(service['spec'] as Readonly<Record<string, unknown>> | undefined) };
  if (typeof spec['clusterIP'] === 'string' && spec['clusterIP'] !== 'None') spec['clusterIP'] = allocated;
  const addresses = spec['clusterIPs'];
  if (Array.isArray(addresses) && addresses[0] !== 'None')
    spec['clusterIPs'] = addresses.map(() => allocated);
  if (spec['healthCheckNodePort'] !== undefined) spec['healthCheckNodePort'] = allocated;
  const ports = spec['ports'];
  if (Array.isArray(ports))
    spec['ports'] = ports.map((port: Readonly<Record<string, unknown>>) =>
      port['nodePort'] === undefined ? port : { ...port, nodePort: allocated },
    );
  return { ...service, spec };
}

/** Paths at which two JSON values differ, with both values. */
function differences(one: unknown, other: unknown, path: string): readonly string[] {
  if (Object.is(one, other)) return [];
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.flatMap((value, index) => differences(value, other[index], `${path}[${index}]`));
  if (isRecord(one) && isRecord(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return names.flatMap((name) => differences(one[name], other[name], `${path}.${name}`));
  }
  return [`${path || '.'}: kubectl has ${brief(one)}, the agent ${brief(other)}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function brief(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
