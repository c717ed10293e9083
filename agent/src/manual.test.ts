import { readFile } from 'node:fs/promises';
import { createMetrics, settingsTable } from '@flotilla/shared/kit';
import { expect, test } from 'vitest';
import { fillManual, metricsTable } from '../../test/manuals/manual-sections.ts';
import { agentSettings } from './config.ts';
import { defineEngineMetrics } from './loops/engine/engine-metrics.ts';
import { defineRenewalMetrics } from './loops/renew.ts';

// `npm run test:unit -- agent/src/manual -u` writes the tables anew.
test('the manual lists every setting and every metric as they are defined', async () => {
  const manual = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const metrics = createMetrics();
  defineEngineMetrics(metrics);
  defineRenewalMetrics(metrics);
  const tables = { settings: settingsTable(agentSettings), metrics: metricsTable(metrics.defined) };
  await expect(fillManual(manual, tables)).toMatchFileSnapshot('../README.md');
});
