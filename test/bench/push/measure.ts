import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtPrograms, ControlSide, writeSeed } from '../../real/control-side/index.ts';
import { builtAgent, MemberCluster } from '../../real/member-cluster/index.ts';
import { waitFor } from '../../real/waiting.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import type { Line, Measured } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';

const countDefault = { hook: 60, polling: 20 } as const;
const appFile = 'apps/shop/shop.yaml';
const shop = '/apis/apps/v1/namespaces/shop/deployments/shop';

/**
 * From the start of `git push` until the API server of one real cluster has executed the agent's apply of the changed
 * Deployment, by the server's own audit log. One small application: ConfigMap, Deployment, Service.
 */
export async function measurePush(request: BenchRequest, way: 'hook' | 'polling'): Promise<Measured> {
  const count = request.count ?? countDefault[way];
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const hubSettings =
    way === 'hook' ? {} : { 'webhook-address': undefined, 'webhook-secret-file': undefined };
  const control = stack.use(
    await ControlSide.start({ folder, seed: await seedFolder(folder), programs: builtPrograms, hubSettings }),
  );
  const member = stack.use(
    await MemberCluster.start({ name: 'one', labels: { env: 'bench' }, folder, agentProgram: builtAgent }),
  );
  await member.startAgent(await control.client.joinLine(member.name, member.labels));
  await waitFor('the application', () => member.read(shop), { withinMs: 120_000 });
  await member.mark();
  const lines: Line[] = [];
  const appliedMs: number[] = [];
  for (let change = 1; change <= count; change += 1) {
    // At any moment of the poll interval and of the agent's own rhythms.
    await pause(1_500 + Math.random() * (way === 'hook' ? 1_000 : 10_000));
    const line = await oneChange(control, member, change);
    lines.push(line);
    appliedMs.push(line.appliedMs);
    request.say(`change ${change}: ${line.appliedMs} ms`);
  }
  const summary = summarize(appliedMs);
  const budget = way === 'hook' ? '; budget p50 < 1000 ms' : ' (poll interval 30 s)';
  return {
    lines,
    figures: { pushToAppliedMs: summary, ...(way === 'hook' ? { budgets: { p50Ms: 1_000 } } : {}) },
    text: [`git push to applied on one real cluster (${way}): ${describeSummary(summary, 'ms')}${budget}`],
  };
}

interface PushLine extends Line {
  readonly appliedMs: number;
}

async function oneChange(control: ControlSide, member: MemberCluster, change: number): Promise<PushLine> {
  await member.mark();
  const startedAtMs = Date.now();
  await control.workshop.push({ [appFile]: application(change) }, `Change ${change}`);
  const pushMs = Date.now() - startedAtMs;
  const applied = await waitFor(
    `change ${change} on the cluster`,
    async () => {
      const writes = await member.agentWrites();
      return writes.find(({ resource, name }) => resource === 'deployments' && name === 'shop');
    },
    { withinMs: 120_000, everyMs: 500 },
  );
  return { kind: 'change', change, gitPushMs: pushMs, appliedMs: round(applied.atMs - startedAtMs) };
}

async function seedFolder(folder: string): Promise<string> {
  return await writeSeed(folder, {
    'fleet/placements/shop.yaml': [
      'apiVersion: flotilla.dev/v1alpha1',
      'kind: Placement',
      'metadata: {name: shop}',
      'spec: {source: {path: apps/shop}, namespace: shop, createNamespace: true, rollout: {strategy: all-at-once}, clusters: {matchLabels: {env: bench}}}',
      '',
    ].join('\n'),
    [appFile]: application(0),
  });
}

/** Without replicas: what is measured ends with the apply. */
function application(change: number): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {greeting: hello}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 0
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}, annotations: {change: "${change}"}}
    spec: {containers: [{name: shop, image: registry.example.org/shop:1.0}]}
`;
}
