import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInCluster, loadInClusterConfig, readOwnNamespace } from './in-cluster.ts';

describe('configuration of a pod', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'account-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps the token as a file, because it rotates', async () => {
    await writeFile(join(folder, 'ca.crt'), 'CA');
    await writeFile(join(folder, 'namespace'), 'flotilla-system\n');
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

    expect(await loadInClusterConfig(env, folder)).toMatchObject({
      serverUrl: 'https://10.0.0.1:6443',
      caPem: 'CA',
      token: { kind: 'file', path: join(folder, 'token') },
    });
    expect(await readOwnNamespace(folder)).toBe('flotilla-system');
  });

  it('puts an IPv6 address into brackets', async () => {
    await writeFile(join(folder, 'ca.crt'), 'CA');

    const config = await loadInClusterConfig({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder);

    expect(config.serverUrl).toBe('https://[fd00::1]:443');
  });

  it('says outside of a pod what to give instead', async () => {
    expect(isInCluster({})).toBe(false);
    expect(isInCluster({ KUBERNETES_SERVICE_HOST: '' })).toBe(false);
    await expect(loadInClusterConfig({}, folder)).rejects.toThrow(/not in a pod.*give a kubeconfig instead/);
  });

  it('says why the CA may be missing', async () => {
    await expect(loadInClusterConfig({ KUBERNETES_SERVICE_HOST: 'a' }, folder)).rejects.toThrow(
      /cannot read the cluster's CA: .*automountServiceAccountToken/,
    );
  });
});
