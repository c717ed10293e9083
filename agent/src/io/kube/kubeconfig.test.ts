import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeConfigError } from './config.ts';
import { loadKubeconfig } from './kubeconfig.ts';

/** JSON is YAML too; which reader the program brings does not matter here. */
const readJson = (text: string) => {
  try {
    return { ok: true, value: JSON.parse(text) } as const;
  } catch (error) {
    return { ok: false, text: String(error) } as const;
  }
};

describe('kubeconfig', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function load(config: unknown, context?: string) {
    const path = join(folder, 'config');
    await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
    return await loadKubeconfig(context === undefined ? { path } : { path, context }, readJson);
  }

  function configWith(cluster: object, user: object) {
    return {
      'current-context': 'main',
      contexts: [
        { name: 'main', context: { cluster: 'here', user: 'me' } },
        { name: 'nobody', context: { cluster: 'here' } },
      ],
      clusters: [{ name: 'here', cluster }],
      users: [{ name: 'me', user }],
    };
  }

  it('reads embedded certificates', async () => {
    const data = (text: string) => Buffer.from(text).toString('base64');
    const config = await load(
      configWith(
        { server: 'https://a.example:6443/', 'certificate-authority-data': data('CA') },
        { 'client-certificate-data': data('CERT'), 'client-key-data': data('KEY') },
      ),
    );

    expect(config).toMatchObject({
      serverUrl: 'https://a.example:6443',
      caPem: 'CA',
      clientCertPem: 'CERT',
      clientKeyPem: 'KEY',
      token: { kind: 'none' },
      isInsecure: false,
    });
  });

  it('reads certificate files relative to its own folder', async () => {
    await writeFile(join(folder, 'ca.pem'), 'FILE CA');
    await writeFile(join(folder, 'me.pem'), 'FILE CERT');

    const config = await load(
      configWith(
        { server: 'https://a.example', 'certificate-authority': 'ca.pem', 'tls-server-name': 'inner' },
        { 'client-certificate': 'me.pem', tokenFile: 'token' },
      ),
    );

    expect(config).toMatchObject({
      caPem: 'FILE CA',
      clientCertPem: 'FILE CERT',
      tlsServerName: 'inner',
      token: { kind: 'file', path: join(folder, 'token') },
    });
  });

  it('reads a token, and the context that is asked for', async () => {
    const config = configWith(
      { server: 'https://a.example', 'insecure-skip-tls-verify': true },
      { token: 'abc' },
    );

    expect(await load(config)).toMatchObject({ token: { kind: 'text', token: 'abc' }, isInsecure: true });
    expect(await load(config, 'nobody')).toMatchObject({ token: { kind: 'none' } });
  });

  it.each([
    ['exec', { exec: { command: 'login' } }],
    ['auth-provider', { 'auth-provider': { name: 'oidc' } }],
    ['username', { username: 'me', password: 'x' }],
  ])('says that %s is not supported and what to do', async (field, user) => {
    await expect(load(configWith({ server: 'https://a.example' }, user))).rejects.toThrow(
      new RegExp(`user me uses "${field}", which the agent does not support; give it a token`),
    );
  });

  it.each([
    ['a context that is not there', configWith({ server: 'x' }, {}), 'other', /no context is named "other"/],
    ['no current context', {}, undefined, /has no current-context; name a context/],
    ['no server', configWith({}, {}), undefined, /the cluster has no server/],
    ['broken text', '{', undefined, /is not valid YAML/],
    ['a list', [], undefined, /has no current-context/],
  ])('names the file and the mistake: %s', async (_name, config, context, message) => {
    const loading = load(config, context);

    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(KubeConfigError);
    await expect(loading).rejects.toThrow(join(folder, 'config'));
  });

  it('names a certificate file that cannot be read', async () => {
    const config = configWith({ server: 'https://a.example', 'certificate-authority': 'gone.pem' }, {});

    await expect(load(config)).rejects.toThrow(
      /cannot read certificate-authority of the kubeconfig: .*gone\.pem/,
    );
  });

  it('names a kubeconfig that is not there', async () => {
    await expect(loadKubeconfig({ path: join(folder, 'none') }, readJson)).rejects.toThrow(
      /cannot read kubeconfig .*none/,
    );
  });
});
