import type { Files } from '../fakes/git-objects.ts';

/** Placements of the simulated fleet; `shop` may depend on `net`. */
export const placements = ['net', 'shop'] as const;
/** One of them. */
export type Placed = (typeof placements)[number];

/** What a folder holds: `good*` becomes Ready, `bad*` never does, `frail*` fails on some clusters, `slow*` takes its time, `uneven*` only on some. */
export const contents = ['good1', 'good2', 'good3', 'good4', 'slow1', 'frail1', 'bad1', 'bad2'] as const;
/** A content, of the list or made up for one push. */
export type Content = string;

/** Which clusters a placement asks for. */
export type Scope = 'prod' | 'eu' | 'us' | 'not-c2' | 'nobody';
/** Names of the strategies in the control repository. */
export const strategies = ['quick', 'gated', 'undoing', 'lenient', 'domains', 'all-at-once'] as const;
export type StrategyName = (typeof strategies)[number];
/** What a newer release does to a rollout that runs. */
export const newRevisions = ['auto', 'supersede', 'queue', 'block'] as const;

/** What Git says of one placement. */
export interface PlacementWish {
  readonly content: Content;
  readonly scope: Scope;
  readonly strategy: StrategyName;
  readonly onNewRevision: (typeof newRevisions)[number];
  readonly dependsOnNet: boolean;
  /** `shop` takes over what `net` has; absent = it does not. */
  readonly takesOverNet?: boolean;
  /** The file does not parse: what it said before stays in force. */
  readonly isBroken: boolean;
}

/** What one commit of the control repository says. */
export interface Wish {
  readonly placements: Readonly<Partial<Record<Placed, PlacementWish>>>;
  /** Share of the fleet that may change at once, in percent. */
  readonly maxChangingPercent: number;
  /** Placements that may change one cluster at once. */
  readonly maxChangingPerCluster: number;
  /** Clusters on which nothing may begin for the first of every three minutes; undefined = there is no window. */
  readonly frozen: Scope | undefined;
  /** Something that no placement asks for. */
  readonly note: string;
}

/** A share of the clusters may leave at once without a person. */
export const maxWithdrawPercent = 30;
/** Whether a cluster is in a scope; written down here a second time, against the hub's own matching. */
export function isIn(
  scope: Scope,
  { name, labels }: { readonly name: string; readonly labels: { readonly [key: string]: string } },
): boolean {
  switch (scope) {
    case 'prod':
      return labels['env'] === 'prod';
    case 'eu':
    case 'us':
      return labels['env'] === 'prod' && labels['region'] === scope;
    case 'not-c2':
      return labels['env'] === 'prod' && name !== 'c2';
    case 'nobody':
      return false;
  }
}

/** Whether a time lies in the window of a commit that has one. */
export function isFrozenAt(wallMs: number): boolean {
  return Math.floor(wallMs / 60_000) % 3 === 0;
}

/** The commit's files. */
export function filesOf(wish: Wish): Files {
  const files: Record<string, string> = {
    'README.md': wish.note,
    'fleet/strategies.yaml': strategiesText,
    'fleet/policy.yaml': policyText(wish),
  };
  if (wish.frozen !== undefined) files['fleet/window.yaml'] = windowText(wish.frozen);
  for (const name of placements) {
    const one = wish.placements[name];
    if (one === undefined) continue;
    files[`fleet/${name}.yaml`] = placementText(name, one);
    files[`apps/${name}/app.yaml`] = one.content;
  }
  return files;
}

/** The file of one placement. */
export function placementText(name: Placed, wish: PlacementWish): string {
  const { dependsOnNet, isBroken, onNewRevision, scope, strategy, takesOverNet } = wish;
  const depends = dependsOnNet && name === 'shop' ? '\n  dependsOn: [net]' : '';
  const takes = takesOverNet && name === 'shop' ? '\n  takeOverFrom: net' : '';
  const end = isBroken ? '\n  clusters: {this does not: [parse' : '';
  return `${head}kind: Placement
metadata: {name: ${name}}
spec:
  source: {path: apps/${name}}
  namespace: ${name}
  clusters: ${scopes[scope]}${depends}${takes}
  rollout: {strategy: ${strategy}, onNewRevision: ${onNewRevision}}${end}
`;
}

const head = 'apiVersion: flotilla.dev/v1alpha1\n';

const scopes: Readonly<Record<Scope, string>> = {
  prod: '{matchLabels: {env: prod}}',
  eu: '{matchLabels: {env: prod, region: eu}}',
  us: '{matchLabels: {env: prod, region: us}}',
  'not-c2': '{matchLabels: {env: prod}, exclude: [c2]}',
  nobody: '{matchLabels: {env: nowhere}}',
};

function windowText(frozen: Scope): string {
  return `${head}kind: ChangeWindow
metadata: {name: freeze}
spec: {mode: deny, clusters: ${scopes[frozen]}, schedule: {cron: "*/3 * * * *", duration: 1m}, exempt: [rollback]}
`;
}

function policyText({ maxChangingPerCluster, maxChangingPercent }: Wish): string {
  return `${head}kind: FleetPolicy
metadata: {name: policy}
spec: {maxChanging: ${maxChangingPercent}%, maxChangingPerCluster: ${maxChangingPerCluster}, maxWithdraw: ${maxWithdrawPercent}%, autoJoinMax: 25%}
`;
}

const rest = '{name: rest, remaining: true, waves: {start: 2, growth: 2, max: 50%}, soak: 1s}';
const times = 'deadline: 20s, offline: {after: 15s}';

const strategiesText = [
  ['quick', `[{name: canary, canary: 1, soak: 2s}, ${rest}]`, `{${times}}`],
  ['gated', `[{name: canary, canary: 1, soak: 2s, after: [approval]}, ${rest}]`, `{${times}}`],
  ['undoing', `[{name: canary, canary: 1, soak: 1s}, ${rest}]`, `{${times}, failure: {action: rollback}}`],
  [
    'lenient',
    `[{name: canary, canary: 1, soak: 0s}, ${rest}]`,
    `{${times}, minSamples: 50%, failure: {max: 50%, total: 60%}}`,
  ],
  [
    'domains',
    '[{name: pilot, clusters: {matchLabels: {tier: pilot}}, soak: 2s}, {name: rest, remaining: true, waves: {start: 1, growth: 2, max: 50%}, order: {by: hash, oneDomainAtATime: region}, soak: 1s}]',
    `{${times}}`,
  ],
]
  .map(
    ([name, stages, defaults]) =>
      `${head}kind: RolloutStrategy\nmetadata: {name: ${name}}\nspec:\n  stages: ${stages}\n  defaults: ${defaults}\n`,
  )
  .join('---\n');
