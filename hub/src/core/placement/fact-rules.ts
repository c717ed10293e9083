import type { FleetSpec, SelectorSpec } from '../fleet-spec/index.ts';
import type { CelReader } from './cel-reader.ts';

/** Every expression in force that reads facts, once each, sorted: what clusters say of themselves matters only to these. */
export function factRulesIn(spec: FleetSpec, reader: CelReader): readonly string[] {
  const selectors: readonly (SelectorSpec | undefined)[] = [
    ...spec.placements.flatMap((one) => [one.clusters, ...one.overrides.map(({ clusters }) => clusters)]),
    ...spec.groups.map((one) => one.clusters),
    ...spec.windows.map((one) => one.clusters),
    ...spec.strategies.flatMap(({ stages }) =>
      stages.map(({ select }) => (select.kind === 'selector' ? select.selector : undefined)),
    ),
  ];
  const texts = selectors.flatMap((one) => one?.cel ?? []);
  return [...new Set(texts)].filter((text) => reader.readsFacts(text)).sort();
}
