import { formatRef, refOf } from '@flotilla/shared/model';
import { hookEvents, hookPhase } from '../../plan/index.ts';
import { problem, type RenderProblem, type SourceObject } from '../source-object.ts';

/** Objects of a chart, with the hooks that are run. */
export interface HookReading {
  readonly objects: readonly SourceObject[];
  /** Tests, which are for people to run. */
  readonly leftOut: readonly string[];
  readonly problems: readonly RenderProblem[];
}

const tests = ['test', 'test-success', 'test-failure'];

/**
 * Hooks of installs and upgrades are objects of the set that come before or after all others (plan/hook.ts). Tests are left
 * out and named. What Helm runs at other times, or both before and after, is refused by name: nothing here does that, and
 * leaving it out is not what its author meant. An object whose annotation a patch took away is no hook.
 */
export function judgeHooks(objects: readonly SourceObject[]): HookReading {
  const kept: SourceObject[] = [];
  const leftOut: string[] = [];
  const problems: RenderProblem[] = [];
  for (const source of objects) {
    const events = hookEvents(source.object);
    const name = formatRef(refOf(source.object));
    if (events.length === 0 || hookPhase(source.object) !== undefined) kept.push(source);
    else if (events.every((event) => tests.includes(event))) leftOut.push(name);
    else problems.push(refuse(source, name, events));
  }
  return { objects: kept, leftOut, problems };
}

function refuse(source: SourceObject, name: string, events: readonly string[]): RenderProblem {
  const text = `${name} is a hook of the chart (${events.join(', ')}), and only those of pre-install and pre-upgrade, or of post-install and post-upgrade, are run: turn it off by the chart's values, or take its annotation helm.sh/hook away by a patch, and it is applied like every other object`;
  return problem('HookUnsupported', text, { origin: source.origin });
}
