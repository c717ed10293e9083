import { type Described, type PlacementItem, problemCodes, type RolloutItem } from '@flotilla/shared/model';
import { CliError, usageError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import type { ApiClient, Timed } from '../hub/index.ts';
import { checkName } from '../kinds.ts';
import type { RolloutView } from '../output/index.ts';

/** What NAME means in the commands about rollouts. */
export interface RolloutTarget {
  readonly kind: 'placement' | 'rollout';
  readonly name: string;
}

/**
 * Finds what a NAME means: the id of a rollout, or a placement, whose rollout it then is; `placement/NAME` and
 * `rollout/NAME` say which. Rejects with CliError for a name that is both, or neither.
 */
export async function findTarget(
  client: ApiClient,
  text: string,
  signal: AbortSignal,
): Promise<RolloutTarget> {
  const [first = '', second, ...more] = text.split('/');
  if (second !== undefined) {
    if (more.length > 0 || (first !== 'placement' && first !== 'rollout')) {
      throw usageError(`${JSON.stringify(text)} names neither a placement nor a rollout`, {
        cause: 'a name may be written as placement/NAME or rollout/NAME',
        next: 'flotilla get rollouts',
      });
    }
    return { kind: first, name: checkName(`${first}s`, second) };
  }
  const name = checkName('placements', first);
  const [placement, rollout] = await Promise.all([
    orFailure(client.item('placements', name, signal)),
    orFailure(client.item('rollouts', name, signal)),
  ]);
  if (!(placement instanceof CliError) && !(rollout instanceof CliError)) {
    throw usageError(`${name} is both a placement and a rollout`, {
      cause: `write placement/${name} or rollout/${name}`,
    });
  }
  if (!(rollout instanceof CliError)) return { kind: 'rollout', name };
  if (placement instanceof CliError) throw placement;
  return { kind: 'placement', name };
}

/** What is not there is told by the caller; everything else is thrown. */
async function orFailure<Value>(asked: Promise<Value>): Promise<Value | CliError> {
  try {
    return await asked;
  } catch (error) {
    const isAbsent =
      error instanceof CliError &&
      (error.code === problemCodes.placementUnknown || error.code === problemCodes.rolloutUnknown);
    if (isAbsent) return error;
    throw error;
  }
}

/** Reads a rollout with what surrounds it: of a placement the one that runs, else the one that ended last. */
export async function readRollout(
  client: ApiClient,
  target: RolloutTarget,
  signal: AbortSignal,
): Promise<RolloutView> {
  if (target.kind === 'rollout') {
    const { value, asOfMs } = await client.describe('rollouts', target.name, signal);
    const found = await orFailure(client.item('placements', value.item.spec.placement, signal));
    const placement = found instanceof CliError ? undefined : found.value;
    return { rollout: value.item, placement, assignments: value.assignments, asOfMs };
  }
  const { value } = await client.describe('placements', target.name, signal);
  const [newest] = value.rollouts;
  if (newest === undefined) throw noRollout(value.item);
  return readNewest(value, await client.describe('rollouts', newest.metadata.name, signal));
}

function readNewest(
  { item }: Described<PlacementItem>,
  { value, asOfMs }: Timed<Described<RolloutItem>>,
): RolloutView {
  return { rollout: value.item, placement: item, assignments: value.assignments, asOfMs };
}

function noRollout({ metadata, status }: PlacementItem): CliError {
  return new CliError(
    {
      code: problemCodes.rolloutUnknown,
      text: `there has been no rollout of ${metadata.name} yet`,
      cause: status.reason?.text,
      next: `flotilla describe placement ${metadata.name}`,
    },
    exitCodes.failed,
  );
}
