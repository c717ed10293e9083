import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('counters, gauges and histograms are rendered in the Prometheus text format', async () => {
  const metrics = createMetrics();
  metrics
    .counter({ name: 'flotilla_rows_sent_total', help: 'Rows sent.', labels: ['outcome'] })
    .add(2, { outcome: 'ack' });
  metrics.gauge({ name: 'flotilla_streams', help: 'Open streams.' }).compute(() => 7);
  metrics.histogram({ name: 'flotilla_fetch_seconds', help: 'Fetches.', buckets: [1, 5] }).observe(2);
  const page = await metrics.render();
  expect(page).toContain('flotilla_rows_sent_total{outcome="ack"} 2');
  expect(page).toContain('flotilla_streams 7');
  expect(page).toContain('flotilla_fetch_seconds_bucket{le="5"} 1');
  expect(page).toMatch(/process_resident_memory_bytes [1-9]/);
  expect(page).toContain('# TYPE process_cpu_seconds_total counter');
});

test('what others count is read when it is scraped, by label, and not added up by scraping', async () => {
  const metrics = createMetrics();
  const counts = { taken: 1, refused: 0 };
  const counter = metrics.counter({ name: 'flotilla_hooks_total', help: 'Hooks.', labels: ['outcome'] });
  counter.compute(() => counts.taken, { outcome: 'taken' });
  counter.compute(() => counts.refused, { outcome: 'refused' });
  await metrics.render();
  counts.taken = 3;

  const page = await metrics.render();

  expect(page).toContain('flotilla_hooks_total{outcome="taken"} 3');
  expect(page).toContain('flotilla_hooks_total{outcome="refused"} 0');
});

test('the CPU counter grows with the process and is not added up by scraping', async () => {
  const metrics = createMetrics();
  const read = async () => Number(/^process_cpu_seconds_total (\S+)/m.exec(await metrics.render())?.[1]);
  const first = await read();
  expect(await read()).toBeLessThan(first * 1.9);
});

test.each([
  ['streams', 'gauge'],
  ['flotilla_sent', 'counter'],
  ['flotilla_streams_total', 'gauge'],
  ['flotilla_Streams', 'gauge'],
] as const)('the name %s is refused for a %s', (name, kind) => {
  expect(() => createMetrics()[kind]({ name, help: 'x' })).toThrow(name);
});
