import { describe, expect, it } from 'vitest';
import { runChild } from './child.ts';

const shell = (script: string, signal?: AbortSignal) =>
  runChild('/bin/sh', ['-c', script], { output: 'capture', signal });

describe('runChild', () => {
  it('gives both outputs and the exit code', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      signal: undefined,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('counts a killed child as failed', async () => {
    expect(await shell('kill -KILL $$')).toMatchObject({ code: 1, signal: 'SIGKILL' });
  });

  it('adds to the environment, and takes away what is undefined', async () => {
    process.env['FLOTILLA_TEST_GONE'] = 'here';
    const env = { FLOTILLA_TEST_NEW: 'new', FLOTILLA_TEST_GONE: undefined };
    const script = 'echo "$FLOTILLA_TEST_NEW,$FLOTILLA_TEST_GONE"';
    const outcome = await runChild('/bin/sh', ['-c', script], { output: 'capture', env });
    delete process.env['FLOTILLA_TEST_GONE'];
    expect(outcome.stdout).toBe('new,\n');
  });

  it('rejects for a program that is not there', async () => {
    await expect(runChild('/nonexistent/program', [], { output: 'capture' })).rejects.toThrow('ENOENT');
  });

  it('rejects with the reason only after an unwanted child is gone', async () => {
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const running = shell('exec sleep 60', controller.signal);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(shell('true', controller.signal)).rejects.toBe(reason);
  });
});
