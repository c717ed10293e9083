import { describe, expect, it } from 'vitest';
import { findTool } from '../../../../test/tools/index.ts';
import { fieldAt } from '../../core/index.ts';
import { configMap, eventually, hold, rowFor, startIn, untilState } from './engine-world-fixture.ts';
import { agent, plane, run, slow, useListedPlane, world } from './listed-plane-fixture.ts';

useListedPlane();

async function kubectl(...words: readonly string[]): Promise<string> {
  const { path } = await findTool('kubectl');
  const { stdout } = await run(path, ['--kubeconfig', plane.kubeconfigPath, ...words]);
  return stdout;
}

/** `reason count type` of each Event about an assignment, sorted. */
async function eventsOf(name: string): Promise<readonly string[]> {
  const selector = `involvedObject.kind=Assignment,involvedObject.name=${name}`;
  const text = await kubectl('get', 'events', '-n', 'default', '--field-selector', selector, '-o', 'json');
  // EventList of core/v1.
  const { items } = JSON.parse(text) as { readonly items: readonly object[] };
  return items
    .map((one) => `${fieldAt(one, 'reason')} ${fieldAt(one, 'count')} ${fieldAt(one, 'type')}`)
    .sort();
}

describe('what kubectl shows of an assignment, with the rights of the listed profile', () => {
  it('is its state in columns, conditions to wait for, and Events that are counted when they come again', async () => {
    const here = world();
    const wish = { placement: 'told', render: { namespace: 'told' } };
    const good = { 'a.yaml': configMap('settings', '1') };
    const broken = { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\nnonsense: 1\n' };
    {
      await using engine = startIn(here, agent);
      await hold(here, rowFor(here, { ...wish, files: good }));
      await untilState(engine, 'told', 'Ready', slow);
      await kubectl('wait', '--for=condition=Ready', 'assignments.flotilla.dev/told', '--timeout=20s');
      const table = await kubectl('get', 'assignments.flotilla.dev', 'told');
      expect(table).toMatch(/NAME +STATE +OBJECTS +COMMIT +REASON +AGE\ntold +Ready +1\/1 /);
      await eventually(
        () => eventsOf('told'),
        (seen) => seen.includes('Ready 1 Normal'),
        'an Event',
      );

      await hold(here, rowFor(here, { ...wish, files: broken }));
      const { reason } = await untilState(engine, 'told', 'Stalled', slow);
      await kubectl('wait', '--for=condition=Stalled', 'fla/told', '--timeout=20s');
      await eventually(
        () => eventsOf('told'),
        (seen) => seen.includes(`${reason} 1 Warning`),
        'a warning',
      );
      expect(await kubectl('describe', 'fla/told')).toContain(reason);
    }

    // After a restart nothing is told twice, and what comes again is counted.
    await using engine = startIn(here, agent);
    const { reason } = await untilState(engine, 'told', 'Stalled', slow);
    const again = rowFor(here, { ...wish, files: good });
    await hold(here, again);
    await eventually(
      () => eventsOf('told'),
      (seen) => seen.includes('Ready 2 Normal'),
      'the count',
    );
    expect(await eventsOf('told')).toEqual([`${reason} 1 Warning`, 'Ready 2 Normal'].sort());
  }, 90_000);
});
