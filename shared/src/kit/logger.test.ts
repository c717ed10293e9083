import { expect, test } from 'vitest';
import { FlotillaError } from '../base/index.ts';
import { createLogger, type LogFormat } from './logger.ts';

function linesOf(format: LogFormat, isTTY = false) {
  const lines: string[] = [];
  const output = { isTTY, write: (line: string) => lines.push(line) };
  return { lines, log: createLogger({ program: 'hub', level: 'debug', format, output }) };
}

test('a JSON line carries program, level, time, message and the fields of its child', () => {
  const { lines, log } = linesOf('json');
  log.child({ loop: 'rollout' }).info('wave opened', { placement: 'web', wave: 2 });
  expect(JSON.parse(lines[0]!)).toMatchObject({
    program: 'hub',
    level: 'info',
    message: 'wave opened',
    loop: 'rollout',
    placement: 'web',
    wave: 2,
  });
  expect(JSON.parse(lines[0]!).time).toMatch(/^\d{4}-\d\d-\d\dT/);
});

test('an error is told with its causes and its code, and without the password of a URL in it', () => {
  const { lines, log } = linesOf('json');
  const cause = new Error('cannot reach https://bob:hunter2@git.example.org/x');
  log.warn('fetch failed', {
    error: new FlotillaError('list refs', { code: 'GIT_AWAY', retry: 'backoff', cause }),
  });
  const { error } = JSON.parse(lines[0]!);
  expect(error).toMatchObject({ code: 'GIT_AWAY' });
  expect(error.text).toBe('list refs: cannot reach https://[hidden]@git.example.org/x');
  expect(lines[0]).not.toContain('hunter2');
});

test('secrets are hidden wherever a field of their name stands', () => {
  const { lines, log } = linesOf('json');
  // What a careless caller could do: the types forbid it, plain JavaScript does not.
  log.info('careless', {
    token: 'flt1.a.b',
    credential: { password: 'p4ss', more: { privateKey: 'k3y' } },
  } as never);
  expect(lines[0]).not.toMatch(/flt1|p4ss|k3y/);
});

test('a terminal gets readable lines, a pipe gets JSON', () => {
  const terminal = linesOf('auto', true);
  terminal.log.error('bus away', { server: 'nats://localhost:4222' });
  expect(terminal.lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} .*ERROR.* bus away/);
  const pipe = linesOf('auto', false);
  pipe.log.info('hello');
  expect(() => JSON.parse(pipe.lines[0]!)).not.toThrow();
});

test('readable lines quote what needs it and put the error last', () => {
  const { lines, log } = linesOf('text');
  log.warn('retrying', { reason: 'two words', attempt: 3, error: new Error('refused') });
  expect(lines[0]!.slice(13)).toBe('WARN  retrying  reason="two words" attempt=3 error="refused"\n');
});

test('lines below the level are not written', () => {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) };
  const log = createLogger({ program: 'hub', level: 'warn', format: 'json', output });
  log.info('quiet');
  log.debug('quiet');
  expect(lines).toEqual([]);
});
