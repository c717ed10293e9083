import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { firstCredentialStore, folderCredentialStore, secretCredentialStore } from './credential-store.ts';

const url = 'https://git.example.org';
const never = new AbortController().signal;

/** The one call that is used, over a list of objects. */
function kubeWith(...objects: readonly KubeObject[]) {
  const asked: ObjectRef[] = [];
  return {
    asked,
    async get(ref: ObjectRef) {
      asked.push(ref);
      return objects.find(
        ({ metadata }) => metadata.name === ref.name && metadata.namespace === ref.namespace,
      );
    },
  };
}

function secret(
  name: string,
  data: { readonly [key: string]: string },
  labels = { 'flotilla.dev/credential': 'true' },
): KubeObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const metadata = { name, namespace: 'flotilla-system', labels };
  return { apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(encoded) };
}

test("a labelled Secret of the agent's namespace is a credential", async () => {
  const kube = kubeWith(secret('github', { url, username: 'bot', password: 's3cret\n', extra: 'x' }));
  const store = secretCredentialStore(kube, 'flotilla-system');
  expect(await store.find('github', never)).toEqual({
    name: 'github',
    url,
    kind: 'basic',
    username: 'bot',
    password: 's3cret',
  });
  expect(await store.find('other', never)).toBeUndefined();
  expect(kube.asked[0]).toEqual({
    group: '',
    version: 'v1',
    kind: 'Secret',
    namespace: 'flotilla-system',
    name: 'github',
  });
});

test('a Secret without the label is not handed out, whoever names it', async () => {
  const store = secretCredentialStore(
    kubeWith(secret('identity', { token: 'k3y' }, {} as never)),
    'flotilla-system',
  );
  await expect(store.find('identity', never)).rejects.toThrow(
    'secret flotilla-system/identity lacks the label flotilla.dev/credential: "true", so it is no credential',
  );
});

test('a Secret with the wrong parts is refused without its contents', async () => {
  const store = secretCredentialStore(
    kubeWith(secret('github', { token: 's3cret', password: 'x' })),
    'flotilla-system',
  );
  await expect(store.find('github', never)).rejects.toThrow(
    /^secret flotilla-system\/github has password, token, and must/,
  );
});

test('a Secret that names no server is refused: which, what it lacks, and what to write', async () => {
  const store = secretCredentialStore(kubeWith(secret('github', { token: 's3cret' })), 'flotilla-system');
  await expect(store.find('github', never)).rejects.toMatchObject({
    code: 'CREDENTIAL_SECRET',
    message:
      'secret flotilla-system/github has no url: add one that names the server it may be sent to, such as https://git.example.org',
  });
});

test('files come before Secrets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-credentials-'));
  await mkdir(join(folder, 'github'));
  await writeFile(join(folder, 'github', 'token'), 'from-file');
  await writeFile(join(folder, 'github', 'url'), url);
  const kube = kubeWith(
    secret('github', { url, token: 'from-secret' }),
    secret('gitlab', { url, token: 'from-secret' }),
  );
  const store = firstCredentialStore([
    folderCredentialStore(folder),
    secretCredentialStore(kube, 'flotilla-system'),
  ]);
  expect(await store.find('github', never)).toMatchObject({ token: 'from-file' });
  expect(await store.find('gitlab', never)).toMatchObject({ url, token: 'from-secret' });
  expect(await store.find('none', never)).toBeUndefined();
  await rm(folder, { recursive: true });
});
