import { err, type Result } from '@flotilla/shared/base';
import { closestName } from '@flotilla/shared/kit/settings';
import { type ApiItems, type ItemKind, shownStates } from '@flotilla/shared/model';
import { parseSelector, type Requirement } from './selector.ts';

type Field<Item> = (item: Item) => string | undefined;

/** What field selectors can ask of each kind. */
const fields: {
  readonly [Kind in ItemKind]: { readonly [name: string]: Field<ApiItems[Kind]> };
} = {
  clusters: {
    name: ({ metadata }) => metadata.name,
    state: ({ status }) => status.state,
    reason: ({ status }) => status.reason?.code,
    presence: ({ status }) => status.presence,
    fresh: ({ status }) => String(status.freshness.isFresh),
    cordoned: ({ spec }) => String(spec.isCordoned),
    simulated: ({ status }) => String(status.isSimulated),
    agent: ({ status }) => status.agentVersion,
    kubernetes: ({ status }) => status.kubernetesVersion,
  },
  placements: {
    name: ({ metadata }) => metadata.name,
    state: ({ status }) => status.state,
    reason: ({ status }) => status.reason?.code,
    repo: ({ spec }) => spec.repo,
    strategy: ({ spec }) => spec.strategy,
    rollout: ({ status }) => status.rollout?.state,
  },
  assignments: {
    name: ({ metadata }) => metadata.name,
    cluster: ({ spec }) => spec.cluster,
    placement: ({ spec }) => spec.placement,
    state: ({ status }) => status.state,
    reason: ({ status }) => status.reason?.code,
    rollout: ({ spec }) => spec.rollout,
    commit: ({ spec }) => spec.commit?.id,
    fresh: ({ status }) => String(status.freshness.isFresh),
    removal: ({ spec }) => String(spec.isRemoval),
  },
  rollouts: {
    name: ({ metadata }) => metadata.name,
    placement: ({ spec }) => spec.placement,
    state: ({ status }) => status.state,
    reason: ({ status }) => status.reason?.code,
    kind: ({ spec }) => spec.kind,
    strategy: ({ spec }) => spec.strategy,
  },
};

const rolloutStates = [
  'Pending',
  'Planned',
  'Progressing',
  'Soaking',
  'Gated',
  'Halted',
  'Succeeded',
  'Superseded',
  'Cancelled',
] as const satisfies readonly ApiItems['rollouts']['status']['state'][];

/** Names of the fields of a kind, for messages and the OpenAPI document. */
export function fieldNames(kind: ItemKind): readonly string[] {
  return Object.keys(fields[kind]);
}

/** The value of a field; undefined = the item has none. */
export function fieldOf<Kind extends ItemKind>(
  kind: Kind,
  item: ApiItems[Kind],
  name: string,
): string | undefined {
  return fields[kind][name]?.(item);
}

/** Reads a field selector of a kind: the grammar of labels, with known fields and known states only. */
export function parseFieldSelector(kind: ItemKind, text: string): Result<readonly Requirement[], string> {
  const read = parseSelector(text);
  if (!read.ok) return read;
  for (const { key, values } of read.value) {
    const names = fieldNames(kind);
    if (!names.includes(key)) {
      return err(`${kind} have no field ${JSON.stringify(key)}${meant(key, names)} (${names.join(', ')})`);
    }
    const states: readonly string[] = kind === 'rollouts' ? rolloutStates : shownStates;
    const unknown = key === 'state' ? values.find((value) => !states.includes(value)) : undefined;
    if (unknown !== undefined) {
      return err(`${JSON.stringify(unknown)} is no state${meant(unknown, states)} (${states.join(', ')})`);
    }
  }
  return read;
}

/** Reads a label selector. Clusters have labels, and assignments those of their cluster; the others have none. */
export function parseLabelSelector(kind: ItemKind, text: string): Result<readonly Requirement[], string> {
  const read = parseSelector(text);
  if (!read.ok || read.value.length === 0) return read;
  if (kind === 'clusters' || kind === 'assignments') return read;
  return err(`${kind} have no labels: select by fields (${fieldNames(kind).join(', ')})`);
}

function meant(typed: string, names: readonly string[]): string {
  const found = closestName(typed, names);
  return found === undefined ? '' : `; did you mean ${found}?`;
}
