import { expect, test } from 'vitest';
import { type HealthCheck, startHealthServer } from './health-server.ts';
import { createMetrics } from './metrics.ts';

const listen = { host: '127.0.0.1', port: 0 };

async function world(ready: readonly HealthCheck[]) {
  const server = await startHealthServer({
    listen,
    live: () => [],
    ready: () => ready,
    metrics: createMetrics(),
  });
  const get = (path: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${server.address.port}${path}`, { method });
  return { server, get };
}

test('readiness tells every check and is 503 while one of them fails', async () => {
  const { server, get } = await world([
    { name: 'decisions', isOk: true, text: 'folded to 12' },
    { name: 'git', isOk: false, text: 'not loaded yet' },
  ]);
  await using _ = server;
  const response = await get('/readyz');
  expect(response.status).toBe(503);
  expect(await response.text()).toBe('[+] decisions folded to 12\n[-] git not loaded yet\nnot ok\n');
  expect((await get('/healthz')).status).toBe(200);
});

test('metrics are served with their content type', async () => {
  const { server, get } = await world([]);
  await using _ = server;
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await response.text()).toContain('process_resident_memory_bytes');
  expect((await get('/readyz')).status).toBe(200);
});

test('other paths and methods are refused', async () => {
  const { server, get } = await world([]);
  await using _ = server;
  expect([(await get('/')).status, (await get('/healthz', 'POST')).status]).toEqual([404, 405]);
});

test('an address that is taken is an error that says what it was for', async () => {
  const { server } = await world([]);
  await using _ = server;
  const second = startHealthServer({
    listen: server.address,
    live: () => [],
    ready: () => [],
    metrics: createMetrics(),
  });
  await expect(second).rejects.toThrow(
    `cannot listen on 127.0.0.1:${server.address.port} for health and metrics`,
  );
});
