import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  credentialLabel,
  firstCredentialStore,
  folderCredentialStore,
  secretCredentialStore,
} from '@flotilla/agent/io/credential-store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AdminClient,
  type ApiServer,
  openAdminClient,
  startApiServer,
} from '../../real/control-plane/index.ts';
import { openRealKube } from '../kube/real-world.ts';
import { never } from '../never.ts';
import { type CredentialStoreWorld, credentialStoreContract } from './suite.ts';

const url = 'https://git.example.org';

async function folderWorld(): Promise<CredentialStoreWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-credentials-'));
  const remove = (name: string) => rm(join(folder, name), { recursive: true, force: true });
  return {
    store: folderCredentialStore(folder),
    async put(name, parts) {
      await remove(name);
      await mkdir(join(folder, name));
      for (const [part, text] of Object.entries(parts)) await writeFile(join(folder, name, part), text);
    },
    remove,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

describe('credentials as folders of files', () => {
  credentialStoreContract(folderWorld);
});

describe('credentials as Secrets on a real API server', () => {
  let server: ApiServer;
  let admin: AdminClient;
  let worlds = 0;
  beforeAll(async () => {
    server = await startApiServer();
    admin = openAdminClient(server.adminCredential);
  });
  afterAll(async () => {
    admin.close();
    await server.stop();
  });

  async function secretWorld(): Promise<
    CredentialStoreWorld & { readonly secrets: string; readonly namespace: string }
  > {
    worlds += 1;
    const namespace = `agent-${worlds}`;
    await admin.json('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    const kube = openRealKube(server.adminCredential);
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    return {
      namespace,
      secrets,
      store: secretCredentialStore(kube, namespace),
      async put(name, stringData) {
        await admin.send('DELETE', `${secrets}/${name}`);
        await admin.json('POST', secrets, secret(name, stringData, { [credentialLabel]: 'true' }));
      },
      async remove(name) {
        await admin.json('DELETE', `${secrets}/${name}`);
      },
      [Symbol.asyncDispose]: () => kube.close(),
    };
  }

  credentialStoreContract(secretWorld);

  test('a Secret without the label is not handed out, whoever names it', async () => {
    await using world = await secretWorld();
    await admin.json('POST', world.secrets, secret('identity', { url, token: 'k3y' }, {}));
    await expect(world.store.find('identity', never)).rejects.toMatchObject({
      code: 'CREDENTIAL_SECRET',
      retry: 'never',
      message: expect.stringContaining(`${world.namespace}/identity lacks the label ${credentialLabel}`),
    });
  });

  test('files come before Secrets', async () => {
    await using files = await folderWorld();
    await using secrets = await secretWorld();
    await files.put('github', { url, token: 'from-file' });
    await secrets.put('github', { url, token: 'from-secret' });
    await secrets.put('gitlab', { url, token: 'from-secret' });
    const store = firstCredentialStore([files.store, secrets.store]);
    expect(await store.find('github', never)).toMatchObject({ token: 'from-file' });
    expect(await store.find('gitlab', never)).toMatchObject({ token: 'from-secret' });
  });
});

function secret(
  name: string,
  stringData: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): unknown {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels }, stringData };
}
