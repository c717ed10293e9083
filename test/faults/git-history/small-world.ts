import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import { untilAllReady } from '../../e2e/world/expect.ts';
import { World } from '../../e2e/world/world.ts';
import { writeSeed } from '../../real/control-side/index.ts';
import type { MemberCluster } from '../../real/member-cluster/index.ts';
import type { FaultRun } from '../main.ts';
import { type Settings, settingsFiles } from '../settings.ts';

/** A hub, a Git server and one real control plane with an agent, which keeps nothing but ConfigMaps. */
export interface SmallWorld extends AsyncDisposable {
  readonly world: World;
  readonly member: MemberCluster;
  /** Broken rules so far. */
  readonly broken: string[];
  /** Runs a part of the scenario; an error in it is a broken rule, and the rest goes on. */
  part(name: string, run: () => Promise<void>): Promise<void>;
}

/** A placement of a small world: its content, and where it is followed. */
export interface SmallPlacement {
  readonly settings: Settings;
  /** Branch or tag that it follows; default: the control repository's own. */
  readonly ref?: string;
}

/** Name of the one cluster. */
export const memberName = 'eu-1';

/** Where the file of a placement lies. */
export function placementPath(name: string): string {
  return `fleet/placements/${name}.yaml`;
}

/** The folder that a placement takes its content from. */
export function applicationPath(name: string): string {
  return `apps/${name}`;
}

/** The text of a placement: everything that it does not say is the product's default. */
export function placementFile(name: string, { ref }: SmallPlacement): string {
  const source = ref === undefined ? '' : `, ref: ${ref}`;
  return `apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: ${name}}
spec:
  source: {path: ${applicationPath(name)}${source}}
  namespace: ${name}
  createNamespace: true
  clusters: {names: [${memberName}]}
  rollout: {strategy: all-at-once}
`;
}

/** The whole control repository of some placements. */
export function filesOf(
  placements: Readonly<Record<string, SmallPlacement>>,
): Readonly<Record<string, string>> {
  const files = Object.entries(placements).flatMap(([name, placement]) => [
    [placementPath(name), placementFile(name, placement)] as const,
    ...Object.entries(settingsFiles(placement.settings, applicationPath(name))),
  ]);
  return { ...Object.fromEntries(files), 'fleet/policy.yaml': policy };
}

/** Stands beside the placements, so that a repository without them is not without rules. */
const policy = `apiVersion: flotilla.dev/v1alpha1
kind: FleetPolicy
metadata: {name: fleet}
spec: {maxWithdraw: 10%, autoJoinMax: 100%}
`;

/** Starts one, and waits until everything is Ready. */
export async function startSmallWorld(
  placements: Readonly<Record<string, SmallPlacement>>,
  say: FaultRun['say'],
): Promise<SmallWorld> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-history-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const seed = await writeSeed(folder, filesOf(placements));
  const clusters = [{ name: memberName, labels: { env: 'prod' } }];
  const world = stack.use(await World.start({ clusters, seed, hubSettings: { 'poll-interval': '1s' } }));
  for (const { ref } of Object.values(placements)) if (ref !== undefined) await tagFirst(world, ref);
  const member = world.member(memberName);
  await untilAllReady(world, (items) => items.size === Object.keys(placements).length);
  await member.mark();
  say('everything is Ready');
  const broken: string[] = [];
  const owned = stack.move();
  return {
    ...{ world, member, broken },
    async part(name, run) {
      try {
        await run();
        say(name);
      } catch (error) {
        broken.push(`${name}: ${describeError(error)}`);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A ref that a placement follows, at the first commit. */
async function tagFirst({ control }: World, ref: string): Promise<void> {
  const { clone } = control.workshop;
  await clone.tag(ref, await clone.idOf('main'));
  await clone.push(control.settings.controlUrl, `refs/tags/${ref}`);
}

/** Names of the ConfigMaps that the agent deleted since the mark, accepted or not, by the API server's audit log. */
export async function deletedSettings(member: MemberCluster): Promise<readonly string[]> {
  return (await member.agentDeletes())
    .filter(({ resource }) => resource === 'configmaps')
    .map(({ namespace, name }) => `${namespace}/${name}`)
    .sort();
}
