import type { FieldProblem } from '../refusal.ts';
import type { Value, ValueObject } from '../values.ts';
import { numberAt, objectAt, objectsAt, textAt, valueAt, withDefaults } from '../values.ts';
import type { CreateFacts, KindRules } from './kind.ts';
import { mapObject, withLists } from './pod-defaults.ts';

const portRange = 'must be between 1 and 65535, inclusive';

/** Service, with its addresses allocated. */
export const serviceRules: KindRules = {
  naming: 'label',
  defaults: (object) => mapObject(object, 'spec', defaultServiceSpec),
  prepareCreate: allocateService,
  prepareUpdate: keepServiceAddresses,
  validate: validateService,
};

function defaultServiceSpec(spec: ValueObject): ValueObject {
  const type = textAt(spec, 'type') || 'ClusterIP';
  const isExternalName = type === 'ExternalName';
  const hasNodePorts = type === 'NodePort' || type === 'LoadBalancer';
  const filled = withDefaults(spec, {
    type,
    sessionAffinity: 'None',
    ...(isExternalName ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(hasNodePorts ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
  });
  return withLists(withAffinity(filled), {
    ports: (port) =>
      withDefaults(port, {
        protocol: 'TCP',
        ...(port['port'] === undefined ? {} : { targetPort: port['port'] }),
      }),
  });
}

/** Sessions that stick to a client do so for three hours. */
function withAffinity(spec: ValueObject): ValueObject {
  if (spec['sessionAffinity'] !== 'ClientIP') return spec;
  const config = objectAt(spec, 'sessionAffinityConfig');
  const clientIP = withDefaults(objectAt(config, 'clientIP'), { timeoutSeconds: 10_800 });
  return { ...spec, sessionAffinityConfig: { ...config, clientIP } };
}

function allocateService(object: ValueObject, facts: CreateFacts): ValueObject {
  return mapObject({ ...object, status: { loadBalancer: {} } }, 'spec', (spec) =>
    textAt(spec, 'type') === 'ExternalName' ? spec : withNodePorts(withClusterIp(spec, facts), facts),
  );
}

function withClusterIp(spec: ValueObject, facts: CreateFacts): ValueObject {
  const address = textAt(spec, 'clusterIP') || facts.nextClusterIp();
  return withDefaults(
    { ...spec, clusterIP: address, clusterIPs: [address] },
    { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
  );
}

function withNodePorts(spec: ValueObject, facts: CreateFacts): ValueObject {
  const type = textAt(spec, 'type');
  if (type !== 'NodePort' && type !== 'LoadBalancer') return spec;
  const isLocal = type === 'LoadBalancer' && textAt(spec, 'externalTrafficPolicy') === 'Local';
  const given = objectsAt(spec, 'ports').flatMap((port) => numberAt(port, 'nodePort') ?? []);
  // One object asks for several ports before any of them is stored.
  const taken = new Set(given);
  const next = (): number => {
    const port = facts.nextNodePort(taken);
    taken.add(port);
    return port;
  };
  const ported = withLists(spec, {
    ports: (port) => (port['nodePort'] === undefined ? { ...port, nodePort: next() } : port),
  });
  return isLocal ? withDefaults(ported, { healthCheckNodePort: next() }) : ported;
}

/** An update that says nothing of the allocated addresses keeps them. */
function keepServiceAddresses(next: ValueObject, old: ValueObject): ValueObject {
  const before = objectAt(old, 'spec');
  const kept = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']
    .filter((field) => before[field] !== undefined)
    .map((field): [string, Value] => [field, before[field] ?? null]);
  return mapObject(next, 'spec', (spec) => {
    if (textAt(spec, 'type') === 'ExternalName') return spec;
    const filled = withDefaults(spec, Object.fromEntries(kept));
    const address = textAt(filled, 'clusterIP');
    // The list follows the single address where only that was changed.
    return address === textAt(before, 'clusterIP') ? filled : { ...filled, clusterIPs: [address] };
  });
}

function validateService(next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] {
  const ports = objectsAt(next, 'spec', 'ports');
  const type = textAt(next, 'spec', 'type');
  const problems: FieldProblem[] = [];
  if (ports.length === 0 && type !== 'ExternalName' && textAt(next, 'spec', 'clusterIP') !== 'None')
    problems.push({ type: 'Required', field: 'spec.ports', detail: '' });
  for (const [index, port] of ports.entries()) {
    if (ports.length > 1 && textAt(port, 'name') === '')
      problems.push({ type: 'Required', field: `spec.ports[${index}].name`, detail: '' });
    const number = port['port'];
    if (typeof number !== 'number' || number < 1 || number > 65_535)
      problems.push({
        type: 'Invalid',
        field: `spec.ports[${index}].port`,
        value: number ?? 0,
        detail: portRange,
      });
    const target = port['targetPort'];
    if (typeof target === 'number' && (target < 1 || target > 65_535))
      problems.push({
        type: 'Invalid',
        field: `spec.ports[${index}].targetPort`,
        value: target,
        detail: portRange,
      });
  }
  if (old === undefined || type === 'ExternalName' || textAt(old, 'spec', 'type') === 'ExternalName')
    return problems;
  if (textAt(next, 'spec', 'clusterIP') === textAt(old, 'spec', 'clusterIP')) return problems;
  const value = valueAt(next, 'spec', 'clusterIPs') ?? null;
  return [
    ...problems,
    { type: 'Invalid', field: 'spec.clusterIPs[0]', value, detail: 'may not change once set' },
  ];
}
