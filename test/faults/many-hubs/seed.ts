/** What the fleet of the scenario is told by Git. */

/** Names of its placements. */
export const placements = ['alpha', 'beta', 'gamma'];
/** Share of the fleet that may change at once. */
export const changingPercent = 33;
/** In place of ten minutes. */
const deadlineS = 20;

/** The one file of a placement's content, as a commit has it. */
export function settings(name: string, what: string): string {
  return [
    'apiVersion: v1',
    'kind: ConfigMap',
    `metadata: {name: ${name}, namespace: default}`,
    `data: {what: "${what}"}`,
    '',
  ].join('\n');
}

/** Files of the first commit. */
export function seedFiles(): Record<string, string> {
  const head = 'apiVersion: flotilla.dev/v1alpha1';
  const rules = placements.map((name) => [
    `fleet/${name}.yaml`,
    `${head}\nkind: Placement\nmetadata: {name: ${name}}\nspec:\n  source: {path: apps/${name}}\n  clusters: {matchLabels: {env: sim}}\n  rollout: {strategy: quick, onNewRevision: auto}\n`,
  ]);
  const apps = placements.map((name) => [`apps/${name}/settings.yaml`, settings(name, 'seed')]);
  return Object.fromEntries([
    ...rules,
    ...apps,
    ['fleet/strategy.yaml', strategyText],
    [
      'fleet/policy.yaml',
      `${head}\nkind: FleetPolicy\nmetadata: {name: policy}\nspec: {maxChanging: ${changingPercent}%, autoJoinMax: 100%}\n`,
    ],
  ]);
}

const strategyText = `apiVersion: flotilla.dev/v1alpha1
kind: RolloutStrategy
metadata: {name: quick}
spec:
  stages:
  - {name: canary, canary: 1, soak: 1s}
  - {name: rest, remaining: true, waves: {start: 10%, growth: 2, max: 33%}, soak: 1s}
  defaults: {deadline: ${deadlineS}s, offline: {after: 30s, before: defer, afterStart: fail}}
`;
