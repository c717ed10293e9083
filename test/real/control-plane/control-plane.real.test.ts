import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../waiting.ts';
import type { ControlPlane } from './index.ts';
import {
  createServiceAccountToken,
  isAlive,
  openAdminClient,
  startApiServer,
  startControlPlane,
  writesIn,
} from './index.ts';

async function createDeployment(plane: ControlPlane, name: string, image: string): Promise<void> {
  await plane.admin.json('POST', '/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
    },
  });
}

async function readyReplicas(plane: ControlPlane, name: string): Promise<number> {
  // Deployment of apps/v1.
  const live = (await plane.admin.json('GET', `/apis/apps/v1/namespaces/default/deployments/${name}`)) as {
    status?: { readyReplicas?: number };
  };
  return live.status?.readyReplicas ?? 0;
}

describe('a real control plane', () => {
  it('runs pods, keeps an audit log, gives out tokens, and leaves nothing behind', async () => {
    const plane = await startControlPlane({ nodes: 1, audit: { level: 'RequestResponse', reads: true } });
    const pids = Object.values(await plane.pids());
    try {
      await createDeployment(plane, 'good', 'registry.example/app:1.0');
      await createDeployment(plane, 'bad', 'registry.example/app:broken');
      await waitFor('a ready pod', async () => (await readyReplicas(plane, 'good')) === 1, {
        withinMs: 30_000,
        everyMs: 20,
      });
      await waitFor(
        'a pod without its image',
        async () => {
          const pods = await plane.admin.send(
            'GET',
            '/api/v1/namespaces/default/pods?labelSelector=app%3Dbad',
          );
          return pods.text.includes('"reason":"ImagePullBackOff"');
        },
        { withinMs: 30_000, everyMs: 20 },
      );
      expect(await readyReplicas(plane, 'bad')).toBe(0);

      const token = await createServiceAccountToken(plane.admin, { namespace: 'default', name: 'default' });
      const account = openAdminClient({
        serverUrl: plane.serverUrl,
        caPem: plane.adminCredential.caPem,
        token,
      });
      const refused = await account.send('POST', '/api/v1/namespaces/default/configmaps', {
        metadata: { name: 'x' },
      });
      account.close();
      expect(refused.status).toBe(403);

      const events = await plane.audit();
      const made = writesIn(events, { resource: 'deployments', verbs: ['create'] });
      expect(made.map((event) => event.name)).toEqual(['good', 'bad']);
      expect(made[0]?.requestObject).toMatchObject({ metadata: { name: 'good' } });
      const user = 'system:serviceaccount:default:default';
      expect(events.filter((event) => event.user === user).map((event) => event.status)).toEqual([403]);
      expect(writesIn(events, { user })).toEqual([]);
      expect(events.some((event) => event.verb === 'get')).toBe(true);
    } finally {
      await plane.stop();
    }

    expect(pids.length).toBe(5);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(plane.kubeconfigPath)).toBe(false);
    await plane.stop();
  });

  it('says which program is missing', async () => {
    const before = process.env['FLOTILLA_KWOKCTL'];
    process.env['FLOTILLA_KWOKCTL'] = '/nowhere/kwokctl';
    try {
      await expect(startControlPlane()).rejects.toThrow(
        expect.objectContaining({
          cause: expect.objectContaining({ message: expect.stringContaining('kwokctl') }),
        }),
      );
    } finally {
      if (before === undefined) delete process.env['FLOTILLA_KWOKCTL'];
      else process.env['FLOTILLA_KWOKCTL'] = before;
    }
  });
});

describe('a real API server alone', () => {
  it('stores what is written and changes nothing by itself', async () => {
    await using server = await startApiServer();
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const body = {
      metadata: { name: 'still' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'a' }] } },
      },
    };
    // Deployment of apps/v1.
    const made = (await server.admin.json('POST', path, body)) as { metadata: { resourceVersion: string } };
    const live = (await server.admin.json('GET', `${path}/still`)) as typeof made;

    expect(live.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });
});
