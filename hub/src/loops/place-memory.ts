import type { PlacementName } from '@flotilla/shared/base';
import {
  type ControlInForce,
  type DesiredPlacement,
  type FleetSpec,
  type ResolvedPlacement,
  type ResolvedPlacements,
  specOf,
} from '../core/index.ts';
import type { Looked } from './looked.ts';
import { RuleFacts } from './rule-facts.ts';

/** What earlier looks came to: a commit that touches one placement costs one, not all. */
export interface PlaceMemory {
  spec: { readonly files: ControlInForce['files']; readonly spec: FleetSpec } | undefined;
  resolved: ResolvedPlacements | undefined;
  readonly made: Map<PlacementName, Made>;
  /** Looks without anything unread, which need not be done again while they rest on the same. */
  readonly looked: Map<PlacementName, Looked>;
  readonly facts: RuleFacts;
}

/** A placement's release, as it was made for some clusters. */
export interface Made {
  readonly placement: ResolvedPlacement;
  readonly desired: DesiredRelease;
}

type DesiredRelease = Extract<DesiredPlacement, { readonly kind: 'release' }>;

/** Before the first look. */
export function emptyMemory(): PlaceMemory {
  const [made, looked] = [new Map(), new Map()];
  return { spec: undefined, resolved: undefined, made, looked, facts: new RuleFacts() };
}

/** What files in force say together; the same files, the same object. */
export function specIn(memory: PlaceMemory, files: ControlInForce['files']): FleetSpec {
  if (memory.spec?.files === files) return memory.spec.spec;
  const spec = specOf([...files.values()].map(({ parsed }) => parsed));
  memory.spec = { files, spec };
  return spec;
}
