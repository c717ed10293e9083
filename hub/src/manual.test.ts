import { readFile } from 'node:fs/promises';
import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import { createMetrics, settingsTable } from '@flotilla/shared/kit';
import type { Cluster } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { fillManual, metricsTable } from '../../test/manuals/manual-sections.ts';
import { hubSettings } from './config.ts';
import { formatLocated, parseControlFile, resolvePlacements, specOf } from './core/index.ts';
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
});

const pilot: Cluster = {
  uid: 'a'.repeat(26) as ClusterUid,
  name: 'eu-1' as ClusterName,
  labels: { env: 'prod', region: 'eu', tier: 'pilot' },
  taints: [],
  isCordoned: false,
  registeredAtMs: 0,
};
