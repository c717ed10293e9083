import { readFile } from 'node:fs/promises';
import { createMetrics, settingsTable } from '@flotilla/shared/kit';
import { expect, test } from 'vitest';
import { fillManual, metricsTable } from '../../test/manuals/manual-sections.ts';
import { hubSettings } from './config.ts';
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
