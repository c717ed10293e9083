import type { KubePort } from '../../ports.ts';
import type { Engine } from './engine.ts';
import {
  assignmentRef,
  configMap,
  type EngineWorld,
  edit,
  engineWorld,
  hold,
  never,
  ownerOf,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
} from './engine-world-fixture.ts';

export const mark = 'flotilla.dev/owner';
export const [ours, theirs] = [ownerOf('h', 'c'), ownerOf('x', 'y')];
export const onlySettings = { 'a.yaml': configMap('settings', 'theirs') };
export const withNew = { ...onlySettings, 'n.yaml': configMap('new', 'theirs') };

export interface Other {
  readonly world: EngineWorld;
  readonly kube: KubePort;
  readonly start: (owner?: typeof ours) => Engine;
}

/** A second agent on the same cluster: state, rows and Git of its own. */
export function otherAgent(stage: Stage): Other {
  const world = engineWorld(stage.world.clock);
  const kube = stage.cluster.portAs('other');
  return { world, kube, start: (owner = theirs) => startIn(world, kube, { owner }) };
}

export function changesBy(stage: Stage, user: string): readonly string[] {
  return stage.cluster.writes
    .entries()
    .filter((write) => write.user === user && write.isChanged)
    .map((write) => `${write.verb} ${write.ref.kind} ${write.ref.name}`);
}

export async function markOf(stage: Stage): Promise<string | undefined> {
  return (await stage.agent.get(assignmentRef('shop'), never))?.metadata.annotations?.[mark];
}

export async function deleteParent({ person }: Stage): Promise<void> {
  const uid = (await person.get(assignmentRef('shop'), never))?.metadata.uid ?? '';
  const options = { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
  await person.delete(assignmentRef('shop'), options, never);
}

export async function setMark(stage: Stage, value: string | null): Promise<void> {
  await edit(stage.person, assignmentRef('shop'), { metadata: { annotations: { [mark]: value } } });
}

export async function settle(stage: Stage, engine: Engine): Promise<void> {
  await hold(stage.world, rowFor(stage.world, { files: two }));
  await untilState(engine, 'shop', 'Ready');
}
