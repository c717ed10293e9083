import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { findTool } from '../tools/index.ts';
import { screenOf } from './world/command-line.ts';
import { untilAllReady } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const run = promisify(execFile);
const runtime = '/apis/node.k8s.io/v1/runtimeclasses/plain';

/** A kind that the listed profile does not grant. */
const files = {
  'fleet/placements/runtimes.yaml': `apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: runtimes}
spec:
  source: {path: apps/runtimes}
  clusters: {matchLabels: {env: prod}}
`,
  'apps/runtimes/plain.yaml': `apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: plain}
handler: runc
`,
};

describe('a placement that needs a right which the agent does not have', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({ clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }] });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === 7);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('is Stalled with verb, resource and the rule to add, and Ready once that rule is applied', async () => {
    const commit = await world.control.workshop.push(files, 'A runtime class');
    const page = await until('a page that names the rule', async () => {
      const { lines } = await screenOf(world, 'describe', 'assignment', 'eu-1/runtimes');
      const isStalled = lines.some((line) => /^State +Stalled/.test(line));
      return isStalled && ruleIn(lines) !== undefined ? lines : undefined;
    });
    expect(page.join('\n')).toMatch(
      /list RuntimeClass: .* cannot list resource "runtimeclasses" in API group "node.k8s.io"/,
    );
    const placement = await screenOf(world, 'describe', 'placement', 'runtimes');
    expect(ruleIn(placement.lines)).toBe(ruleIn(page));
    expect(await member.read(runtime)).toBeUndefined();

    await grant(ruleIn(page) ?? '');
    await until('the object', () => member.read(runtime));
    // Its rollout stays halted until a person or a commit moves it on; the cluster itself converges.
    await until('a Ready assignment', async () => {
      const [item] = await world.control.get('assignments', '--field', 'placement=runtimes');
      const isReady = item?.status.state === 'Ready' && item.status.freshness.isFresh;
      return isReady && item.status.appliedCommit === commit ? item : undefined;
    });
  });

  /** As a person does it: the printed rule, put into a ClusterRole, bound to the agent's account. */
  async function grant(rule: string): Promise<void> {
    const manifest = join(world.control.settings.folder, 'grant.yaml');
    await writeFile(manifest, roleWith(rule));
    const kubectl = await findTool('kubectl');
    await run(kubectl.path, ['--kubeconfig', member.plane.kubeconfigPath, 'apply', '-f', manifest]);
  }
});

/** The rule as the page prints it. */
function ruleIn(lines: readonly string[]): string | undefined {
  return /\{apiGroups: \[[^\]]*\], resources: \[[^\]]*\][^}]*\}/.exec(lines.join('\n'))?.[0];
}

function roleWith(rule: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: flotilla-agent-runtimes}
rules:
- ${rule}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: flotilla-agent-runtimes}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: flotilla-agent-runtimes}
subjects:
- {kind: ServiceAccount, name: flotilla-agent, namespace: flotilla-system}
`;
}
