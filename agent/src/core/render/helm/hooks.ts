import { formatRef, refOf } from '@flotilla/shared/model';
import { problem, type RenderProblem, type SourceObject } from '../source-object.ts';

/** Objects of a chart without its hooks. */
export interface HookReading {
  readonly objects: readonly SourceObject[];
  /** Tests, which are for people to run: `Pod web-test (web/templates/tests/test.yaml:1)`. */
  readonly leftOut: readonly string[];
  readonly problems: readonly RenderProblem[];
}

const hookAnnotation = 'helm.sh/hook';
const tests = ['test', 'test-success', 'test-failure'];

/**
 * Hooks are not objects of a release: Helm runs them around it. Tests are left out and named; every other one is refused by
 * name, because a release without it is not what its author meant. An object whose annotation a patch took away is no hook.
 * `crd-install` is of Helm 2 and says what an agent does with definitions anyway.
 */
export function judgeHooks(objects: readonly SourceObject[]): HookReading {
  const kept: SourceObject[] = [];
  const leftOut: string[] = [];
  const problems: RenderProblem[] = [];
  for (const source of objects) {
    const events = eventsOf(source);
    const name = formatRef(refOf(source.object));
    if (events.length === 0) kept.push(source);
    else if (events.every((event) => tests.includes(event))) leftOut.push(name);
    else problems.push(refuse(source, name, events));
  }
  return { objects: kept, leftOut, problems };
}

function eventsOf({ object }: SourceObject): readonly string[] {
  const { annotations } = object.metadata;
  const text: unknown = annotations?.[hookAnnotation];
  if (typeof text !== 'string') return [];
  return text
    .split(',')
    .map((event) => event.trim())
    .filter((event) => event !== '' && event !== 'crd-install');
}

function refuse(source: SourceObject, name: string, events: readonly string[]): RenderProblem {
  const text = `${name} is a hook of the chart (${events.join(', ')}), which this agent does not run: turn it off by the chart's values, or take its annotation ${hookAnnotation} away by a patch, and it is applied like every other object`;
  return problem('HookUnsupported', text, { origin: source.origin });
}
