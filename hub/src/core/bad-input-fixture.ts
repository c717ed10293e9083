import { type GitId, ok } from '@flotilla/shared/base';
import { commit, head, placementText, seen } from './fleet-spec/spec-fixture.ts';
import {
  absentPlacement,
  adoptControl,
  asRulesSee,
  type ControlInForce,
  changeWindows,
  type DesiredPlacement,
  desiredPlacement,
  type FleetSpec,
  formatLocated,
  judgeFiles,
  type LocatedError,
  previousMatch,
  resolvePlacements,
  roomMistakes,
  windowRules,
} from './index.ts';
import { World } from './rollout/rollout-fixture.ts';
import { names, releaseWith } from './rollout/samples-fixture.ts';

/** A control repository without mistakes, by path. */
export const goodFiles: { readonly [path: string]: string } = {
  'fleet.yaml': `${head}kind: FleetPolicy\nmetadata: {name: fleet}\nspec: {maxChanging: 100%}\n`,
  'groups.yaml': `${head}kind: ClusterGroup\nmetadata: {name: production}\nspec: {clusters: {matchLabels: {env: prod}}}\n`,
  'net.yaml': placementText('net'),
  'shop.yaml': shopText(),
  'steady.yaml': strategyText(
    '  - {name: canary, canary: 1, soak: 1m}\n  - {name: rest, remaining: true, soak: 1m}',
  ),
  'windows.yaml': windowText('new-year', '{mode: deny, schedule: {cron: "0 12 31 12 *", duration: 12h}}'),
};

/** The placement that is watched; `more` goes below spec. */
export function shopText(more = '', clusters = '{group: production}'): string {
  return `${head}kind: Placement\nmetadata: {name: shop}\nspec:\n  source: {path: apps/shop}\n  clusters: ${clusters}\n  rollout: {strategy: steady}\n${more}`;
}

/** Its strategy with these stages. */
export function strategyText(stages: string, more = ''): string {
  return `${head}kind: RolloutStrategy\nmetadata: {name: steady}\nspec:\n  stages:\n${stages}\n${more}`;
}

/** A change window. */
export function windowText(name: string, spec: string): string {
  return `${head}kind: ChangeWindow\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
}

/** What came of a commit. */
export interface Tried {
  /** Mistakes with their places: of files, of the placement, of windows. */
  readonly errors: readonly string[];
  /** What waits for a person: a commit, or a withdrawal. */
  readonly held: readonly string[];
  /** What the hub decided about the placement. */
  readonly decided: readonly string[];
  readonly notes: readonly string[];
  readonly before: FleetSpec;
  /** In force after it. */
  readonly spec: FleetSpec;
  /** No cluster was given anything, and nothing was taken from any. */
  readonly areRowsSame: boolean;
  readonly world: World;
}

/**
 * A fleet whose placement is stable by the good files, and then a commit: read, judged, adopted, resolved and advanced as the hub
 * does it. `content` is what the commit gives the placement.
 */
export function tryCommit(files: { readonly [path: string]: string | undefined }, content: string): Tried {
  const world = new World();
  for (const name of names(4)) world.register(name, { env: 'prod' });
  const first = inForce(undefined, goodFiles, 1);
  resolve(world, first, 'one');
  world.run();
  const { rows } = world.state;
  const merged = Object.entries({ ...goodFiles, ...files }).filter(
    (one): one is [string, string] => one[1] !== undefined,
  );
  const next = inForce(first, Object.fromEntries(merged), 2);
  const mistakes = resolve(world, next, content);
  world.nowMs += 60_000;
  const decided = world.settle();
  const { held } = world.state;
  return {
    errors: [...next.errors, ...mistakes].map(formatLocated),
    held: [...next.held, ...(held === undefined ? [] : [held.text])],
    decided,
    notes: world.last.notes.map(({ code }) => code),
    before: first.spec,
    spec: next.spec,
    areRowsSame:
      world.state.rows === rows || [...rows].every(([uid, row]) => world.state.rows.get(uid) === row),
    world,
  };
}

interface InForce extends ControlInForce {
  readonly spec: FleetSpec;
  readonly errors: readonly LocatedError[];
  readonly held: readonly string[];
}

/** The files of a commit that come into force after those before it. */
function inForce(
  before: InForce | undefined,
  files: { readonly [path: string]: string },
  number: number,
): InForce {
  const { id } = commit(number);
  const judged = judgeFiles(before, seen(files), { commit: id, isAccepted: false });
  const control = judged.ok
    ? ok({ commit: commit(number), ref: 'main', isFastForward: 'yes' as const, files: judged.value })
    : judged;
  const verdict = adoptControl(before?.adopted, { control, sources: new Map(), accepted: new Map() });
  const held = verdict.held.map(({ text }) => text);
  if (!judged.ok || verdict.kind === 'unchanged') {
    if (before === undefined) throw new Error(held.join('\n'));
    return { ...before, errors: [], held };
  }
  const { errors, files: taken, spec } = judged.value;
  return { adopted: verdict.decision, files: taken, spec, errors, held };
}

/** Sets what is wanted in the world, and which of its clusters windows hold; returns the mistakes of the placement. */
function resolve(world: World, { adopted, spec }: InForce, content: string): readonly LocatedError[] {
  const clusters = [...world.clusters.values()].map((one) => one.cluster);
  const resolved = resolvePlacements(spec, clusters, () => previousMatch(world.state));
  const placement = resolved.placements.find(({ spec: { name } }) => name === 'shop');
  const adoption = { event: adopted, seq: 0 };
  const size = clusters.length;
  const windows = changeWindows(windowRules(spec.windows, spec.groups));
  world.fleet.closed.clear();
  for (const one of asRulesSee(spec, clusters)) {
    const closed = windows.closedFor(one, 'normal', world.nowMs);
    if (closed !== undefined) world.fleet.closed.set(one.name, closed);
  }
  if (placement === undefined) {
    world.desired = absentPlacement(spec, { adopted: adoption, clusters: size });
    return [];
  }
  const release = releaseWith(content, { ...adopted.commit, id: adopted.commit.id satisfies GitId });
  world.desired = desiredPlacement(spec, {
    placement,
    release,
    adopted: adoption,
    clusters: size,
  }) satisfies DesiredPlacement;
  return [
    ...placement.errors,
    ...roomMistakes(windows.withoutRoom(clusters, world.nowMs), placement.matched, 'shop'),
  ];
}
