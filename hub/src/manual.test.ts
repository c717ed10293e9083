import { readFile } from 'node:fs/promises';
import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import { createMetrics, settingsTable } from '@flotilla/shared/kit';
import { type Cluster, urgentIn } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { fillManual, metricsTable } from '../../test/manuals/manual-sections.ts';
import { hubSettings } from './config.ts';
import {
  changeWindows,
  formatLocated,
  parseControlFile,
  resolvePlacements,
  specOf,
  windowRules,
} from './core/index.ts';
import { sessionMetrics } from './loops/session-metrics.ts';
import { defineHubMetrics } from './start/metrics.ts';

// `npm run test:unit -- hub/src/manual -u` writes the tables anew.
test('the manual lists every setting and every metric as they are defined', async () => {
  const manual = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const metrics = createMetrics();
  defineHubMetrics(metrics);
  sessionMetrics(metrics);
  const tables = { settings: settingsTable(hubSettings), metrics: metricsTable(metrics.defined) };
  await expect(fillManual(manual, tables)).toMatchFileSnapshot('../README.md');
});

test('every file that the manual shows is good, and nothing in it is not supported yet', async () => {
  const manual = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const examples = [...manual.matchAll(/^```yaml\n(apiVersion: flotilla\.dev[\s\S]*?)^```$/gm)].map(
    (found) => found[1] ?? '',
  );
  const parsed = examples.map((text, index) =>
    parseControlFile({ path: `example-${index + 1}.yaml`, text }, false),
  );
  expect(parsed.flatMap((one) => one.errors.map(formatLocated))).toEqual([]);
  const spec = specOf(parsed);
  const { placements } = resolvePlacements(spec, [pilot]);
  expect(placements.map((one) => [one.spec.name, one.errors.map(formatLocated)])).toEqual([
    ['cert-manager', []],
    ['shop', []],
  ]);
  expect(placements.find((one) => one.spec.name === 'shop')?.strategy?.stages).toHaveLength(3);
  expect(spec.policies.flatMap((one) => one.unsupported)).toEqual([]);
  const windows = changeWindows(windowRules(spec.windows, spec.groups));
  const christmasMs = Date.parse('2026-12-25T12:00Z');
  // The freeze ends in the night to a Sunday; the next weekday evening in New York is that of Monday the 4th.
  expect(windows.closedFor(pilot, 'normal', christmasMs)?.text).toBe(
    'change window christmas, opens 2027-01-05 01:00 UTC',
  );
  expect(windows.closedFor(pilot, 'urgent', christmasMs)?.text).toBe(
    'change window nights, opens 2026-12-26 01:00 UTC',
  );
  expect(windows.withoutRoom([pilot], christmasMs).size).toBe(0);
});

test('the commit message that the manual shows calls what it says urgent', async () => {
  const manual = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, message = ''] = /^```text\n([\s\S]*?Flotilla-Urgent[\s\S]*?)^```$/m.exec(manual) ?? [];
  expect(urgentIn(message)).toEqual(['ingress']);
});

const pilot: Cluster = {
  uid: 'a'.repeat(26) as ClusterUid,
  name: 'eu-1' as ClusterName,
  labels: { env: 'prod', region: 'eu', tier: 'pilot' },
  taints: [],
  isCordoned: false,
  registeredAtMs: 0,
};
