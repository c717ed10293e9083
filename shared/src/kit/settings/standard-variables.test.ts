import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listKind, readSettings, setting, textKind } from './index.ts';

test('a variable of other programs counts when nothing of ours is given, before the default', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-settings-'));
  const proxied = {
    gitProxy: setting.optional(textKind('URL'), {
      doc: 'x',
      standardVariables: ['https_proxy', 'HTTPS_PROXY'],
    }),
    noProxy: setting(listKind(textKind('HOST')), {
      doc: 'x',
      fallback: 'none',
      standardVariables: ['no_proxy', 'NO_PROXY'],
    }),
  };
  const env = { HTTPS_PROXY: 'http://upper', https_proxy: '', NO_PROXY: 'a,b' };
  await writeFile(join(folder, 'proxy.yaml'), 'git-proxy: http://file\n');
  const file = ['--config', join(folder, 'proxy.yaml')];

  const common = await readSettings(proxied, { args: [], env });
  const ours = await readSettings(proxied, { args: file, env: {} });
  const both = await readSettings(proxied, { args: file, env: { ...env, FLOTILLA_NO_PROXY: 'c' } });

  expect(common).toMatchObject({ kind: 'read', values: { gitProxy: 'http://upper', noProxy: ['a', 'b'] } });
  expect(common.reading.from('gitProxy')).toBe('environment variable HTTPS_PROXY');
  expect(ours).toMatchObject({ values: { gitProxy: 'http://file', noProxy: ['none'] } });
  expect(both).toMatchObject({ values: { gitProxy: 'http://file', noProxy: ['c'] } });
  await rm(folder, { recursive: true });
});
