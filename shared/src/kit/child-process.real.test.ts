import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startChild } from './child-process.ts';

function node(script: string, onLine?: (line: string, from: string) => void, graceMs = 10_000) {
  const args = ['-e', script];
  return startChild({ program: process.execPath, args, env: {}, graceMs, ...(onLine && { onLine }) });
}

test('a child that ends tells its code and its last lines', async () => {
  const lines: string[] = [];
  const child = await node('console.log("one"); console.error("two"); process.exit(3)', (line, from) =>
    lines.push(`${from} ${line}`),
  );
  expect(await child.exited).toEqual({
    code: 3,
    signal: undefined,
    lastLines: expect.arrayContaining(['one', 'two']),
  });
  expect(lines.toSorted()).toEqual(['stderr two', 'stdout one']);
});

test('a child is asked to stop and may finish', async () => {
  const ready = Promise.withResolvers<void>();
  const child = await node(
    'process.on("SIGTERM", () => { console.log("finished"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1e3)',
    () => ready.resolve(),
  );
  await ready.promise;
  expect(await child.stop()).toMatchObject({ code: 0, lastLines: ['up', 'finished'] });
});

test('a child that does not listen is killed after the grace time', async () => {
  const ready = Promise.withResolvers<void>();
  const child = await node(
    'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e3)',
    () => ready.resolve(),
    50,
  );
  await ready.promise;
  expect(await child.stop()).toMatchObject({ code: undefined, signal: 'SIGKILL' });
});

test('stopping a child that has ended is fine', async () => {
  const child = await node('0');
  await child.exited;
  expect(await child.stop()).toMatchObject({ code: 0 });
});

test('nothing of our environment reaches the child', async () => {
  const child = await node('console.log(Object.keys(process.env).filter((name) => name !== "PWD").join())');
  expect((await child.exited).lastLines.join()).not.toContain('PATH');
});

test('a program that is not there is an error that names it', async () => {
  const options = { program: '/nowhere/nats-server', args: [], env: {}, graceMs: 1 };
  await expect(startChild(options)).rejects.toMatchObject({
    code: 'CHILD_START',
    message: 'cannot start /nowhere/nats-server',
  });
});

test('the first signal aborts, the second one ends at once with the code that shells expect', async () => {
  const script = `
    const { listenForShutdown } = await import(${JSON.stringify(new URL('./process-signals.ts', import.meta.url).href)});
    const { signal } = listenForShutdown((code) => process.exit(code));
    signal.addEventListener('abort', () => console.log(signal.reason.message));
    setInterval(() => {}, 1000);
    console.log('up');
  `;
  const lines: string[] = [];
  const seen = new EventTarget();
  const child = await startChild({
    program: process.execPath,
    args: ['--input-type=module', '-e', script],
    env: {},
    graceMs: 10_000,
    onLine: (line) => {
      lines.push(line);
      seen.dispatchEvent(new Event('line'));
    },
  });
  while (lines.length < 1) await once(seen, 'line');
  process.kill(child.pid, 'SIGTERM');
  while (lines.length < 2) await once(seen, 'line');
  process.kill(child.pid, 'SIGINT');
  expect(await child.exited).toMatchObject({ code: 130 });
  expect(lines).toEqual(['up', 'asked to stop by SIGTERM']);
});
